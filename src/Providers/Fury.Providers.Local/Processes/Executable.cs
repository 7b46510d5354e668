using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Fury.Kernel;

namespace Fury.Providers.Local;

/// <summary>
/// Checks an artifact before anything is made of it. The format is looked at here because a shell that is told to execute a file of
/// unknown format reads it as a script.
/// </summary>
internal static class Executable
{
    private const int HeadBytes = 256;
    private const ushort ElfX64 = 62;
    private const ushort ElfArm64 = 183;
    private const UnixFileMode AnyExecute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>The absolute path of the command, or why it cannot be started.</summary>
    public static Outcome<string> Locate(string artifactUri, string command)
    {
        if (!Uri.TryCreate(artifactUri, UriKind.Absolute, out var uri) || !uri.IsFile)
        {
            return Fault.Invalid("artifact.uri", artifactUri, "a file:/// address of a folder on this machine");
        }

        var folder = Path.GetFullPath(uri.LocalPath);
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
        if (head.StartsWith("\u007fELF"u8))
        {
            var expected = RuntimeInformation.OSArchitecture == Architecture.Arm64 ? ElfArm64 : ElfX64;
            return head.Length >= 64 && BinaryPrimitives.ReadUInt16LittleEndian(head[18..]) == expected
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
