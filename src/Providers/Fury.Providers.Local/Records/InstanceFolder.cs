using System.Text.Json;
using Fury.Kernel;
using Fury.Processes;

namespace Fury.Providers.Local;

/// <summary>The files of one instance.</summary>
internal sealed class InstanceFolder(string path)
{
    public string Path => path;

    public LogFiles Logs => new(path);

    public string Lock => System.IO.Path.Combine(path, "lock");

    private string Record => System.IO.Path.Combine(path, "instance.json");

    /// <summary>Whole or not at all: a crash leaves the record of before.</summary>
    public void Write(InstanceRecord record)
    {
        // The environment may hold the application's secrets, so nobody else may read it.
        Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var next = Record + ".new";
        File.WriteAllBytes(next, JsonSerializer.SerializeToUtf8Bytes(record, FuryJson.Options));
        File.Move(next, Record, overwrite: true);
    }

    /// <summary>Null when there is none, or when it cannot be read.</summary>
    public InstanceRecord? Read()
    {
        try
        {
            return JsonSerializer.Deserialize<InstanceRecord>(File.ReadAllBytes(Record), FuryJson.Options);
        }
        catch (Exception broken) when (broken is IOException or JsonException)
        {
            return null;
        }
    }

    public void Delete() => Directory.Delete(path, recursive: true);
}
