using System.Collections.Concurrent;

namespace Fury.Sdk.Files;

/// <summary>
/// A bucket on disk: <c>keys/</c> has one small file for each object, which names the files in <c>data/</c> that hold its bytes; those never change.
/// So an object changes by the renaming of one file. <c>lock</c> is held by who changes something.
/// </summary>
internal sealed class BucketFolder(string path)
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(2);

    /// <summary>Locks of files are of processes; this is for the callers in this one.</summary>
    private static readonly ConcurrentDictionary<string, SemaphoreSlim> Turns = new();

    public string Keys { get; } = Directory.CreateDirectory(Path.Combine(path, "keys")).FullName;

    public string Data { get; } = Directory.CreateDirectory(Path.Combine(path, "data")).FullName;

    /// <summary>A name that nothing else has or had.</summary>
    public static string NewName() => Guid.CreateVersion7().ToString("N");

    /// <summary>The only one, over all processes, until it is disposed.</summary>
    public async ValueTask<IDisposable> Turn(TimeProvider clock, CancellationToken cancellation)
    {
        var turn = Turns.GetOrAdd(Path.GetFullPath(path), _ => new SemaphoreSlim(1));
        await turn.WaitAsync(cancellation);
        try
        {
            while (true)
            {
                try
                {
                    return new Held(turn, new FileStream(Path.Combine(path, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
                }
                catch (IOException) when (Directory.Exists(path))
                {
                    await Task.Delay(LookAgain, clock, cancellation);
                }
            }
        }
        catch
        {
            turn.Release();
            throw;
        }
    }

    /// <summary>A new file that is on the disk when this returns.</summary>
    public static async ValueTask WriteNew(string file, ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        using var handle = File.OpenHandle(file, FileMode.CreateNew, FileAccess.Write, FileShare.None, FileOptions.Asynchronous, bytes.Length);
        await RandomAccess.WriteAsync(handle, bytes, 0, cancellation);
        RandomAccess.FlushToDisk(handle);
    }

    /// <summary>What is under the name is the old whole or the new whole, whoever reads and whatever breaks.</summary>
    public async ValueTask Replace(string file, byte[] bytes, CancellationToken cancellation)
    {
        var before = Path.Combine(Data, NewName());
        try
        {
            await WriteNew(before, bytes, cancellation);
            File.Move(before, file, overwrite: true);
        }
        catch
        {
            File.Delete(before);
            throw;
        }
    }

    private sealed class Held(SemaphoreSlim turn, FileStream file) : IDisposable
    {
        public void Dispose()
        {
            file.Dispose();
            turn.Release();
        }
    }
}
