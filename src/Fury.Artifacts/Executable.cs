using System.Runtime.InteropServices;
using System.Text;
using Fury.Kernel;

namespace Fury.Artifacts;

/// <summary>
/// Checks an artifact before anything is made of it. The format is looked at here because a shell that is told to execute a file of
/// unknown format reads it as a script.
/// </summary>
internal static class Executable
{
    private const int HeadBytes = 256;
    private const UnixFileMode AnyExecute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>Null on machines that no artifact names.</summary>
    public static Kernel.Architecture? Here => RuntimeInformation.OSArchitecture switch
    {
        System.Runtime.InteropServices.Architecture.X64 => Kernel.Architecture.Amd64,
        System.Runtime.InteropServices.Architecture.Arm64 => Kernel.Architecture.Arm64,
        _ => null,
    };

    /// <summary>The absolute path of the command within the folder, or why it cannot be started on this machine.</summary>
    public static Outcome<string> Locate(string artifact, string command)
    {
        var folder = Path.GetFullPath(artifact);
        if (!Directory.Exists(folder))
        {
            return Fault.Invalid($"The artifact's folder '{folder}' does not exist on this machine.");
        }

        if (command.Length == 0 || command.Contains('\0'))
        {
            return Fault.Invalid("artifact.command", command, "the path of an executable within the artifact's folder");
        }

        var path = Path.GetFullPath(command, folder);
        if (!path.StartsWith(folder.TrimEnd('/') + "/", StringComparison.Ordinal))
        {
            return Fault.Invalid("artifact.command", command, "a path within the artifact's folder");
        }

        return !File.Exists(path) ? Fault.Invalid($"The artifact has no file '{command}'.") : Check(path, command);
    }

    private static Outcome<string> Check(string path, string command)
    {
        if ((File.GetUnixFileMode(path) & AnyExecute) == 0)
        {
            return Fault.Invalid($"'{command}' is not executable: it has no execute permission.");
        }

        try
        {
            var head = new byte[HeadBytes];
            using var file = File.OpenRead(path);
            var length = file.ReadAtLeast(head, HeadBytes, throwOnEndOfStream: false);
            return WhyNot(head.AsSpan(0, length)) is { } why ? Fault.Invalid($"'{command}' is not executable: {why}.") : path;
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return Fault.Invalid($"'{command}' cannot be read.");
        }
    }

    private static string? WhyNot(ReadOnlySpan<byte> head)
    {
        if (Elf.Is(head))
        {
            return Elf.Machine(head) == Here
                ? null
                : $"it is built for another kind of machine than this one ({RuntimeInformation.OSArchitecture}), or is cut off";
        }

        if (!head.StartsWith("#!"u8))
        {
            return "it is neither a program for this machine nor a script that names its interpreter (#!)";
        }

        var end = head.IndexOf((byte)'\n');
        var interpreter = Encoding.UTF8.GetString(head[2..(end < 0 ? head.Length : end)]).Trim().Split(' ')[0];
        return File.Exists(interpreter) ? null : $"its interpreter '{interpreter}' does not exist";
    }
}
