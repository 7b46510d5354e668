using System.Globalization;
using System.Security.Cryptography;

namespace Fury.Hosting;

/// <summary>Holds the data folder's lock for as long as it lives.</summary>
internal sealed class Node : INode, IDisposable
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>The operating system gives the lock up when the process ends, however it ends. The file itself stays.</summary>
    private readonly FileStream _lock;

    /// <exception cref="InvalidOperationException">Another process uses the folder; the message names it.</exception>
    public Node(string dataFolder)
    {
        DataFolder = Path.GetFullPath(dataFolder);
        if (OperatingSystem.IsWindows())
        {
            throw new PlatformNotSupportedException("Fury's host runs on Linux and macOS. On Windows use WSL or a container.");
        }

        Directory.CreateDirectory(DataFolder, Private);
        // Under root PostgreSQL runs as another user, who must pass through here to its own folder, and sees nothing on the way.
        File.SetUnixFileMode(
            DataFolder, Environment.IsPrivilegedProcess ? Private | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute : Private);

        _lock = Lock(Path.Combine(DataFolder, "host.lock"), Path.Combine(DataFolder, "host.pid"));
        Name = KeepName(Path.Combine(DataFolder, "node"));
    }

    public string Name { get; }

    public Guid Incarnation { get; } = Guid.NewGuid(); // tidy: chance is what tells one process from the next

    public string DataFolder { get; }

    public void Dispose() => _lock.Dispose();

    private FileStream Lock(string file, string pidFile)
    {
        try
        {
            var held = new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            File.WriteAllText(pidFile, Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
            return held;
        }
        catch (IOException taken)
        {
            var pid = File.Exists(pidFile) ? File.ReadAllText(pidFile).Trim() : "unknown";
            throw new InvalidOperationException(
                $"Another Fury host uses this data folder (pid {pid}): {DataFolder}. Stop it, or set Fury:DataFolder to another folder.", taken);
        }
    }

    private static string KeepName(string file)
    {
        if (!File.Exists(file) || File.ReadAllText(file).Trim().Length == 0)
        {
            var machine = new string([.. Environment.MachineName.ToLowerInvariant().Where(letter => char.IsAsciiLetterOrDigit(letter) || letter == '-')]);
            File.WriteAllText(file, $"{(machine.Length > 30 ? machine[..30] : machine)}-{RandomNumberGenerator.GetHexString(6, lowercase: true)}");
        }

        return File.ReadAllText(file).Trim();
    }
}
