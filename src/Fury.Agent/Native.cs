using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Fury.Agent;

/// <summary>The system calls that .NET does not wrap.</summary>
internal static partial class Native
{
    /// <summary>A second name for a file (link(2)).</summary>
    /// <exception cref="IOException">The system refused.</exception>
    public static void Link(string from, string to)
    {
        if (LinkFile(from, to) != 0)
        {
            throw Refused();
        }
    }

    /// <summary>Gives a file, folder or link to another user (lchown(2)); links are not followed.</summary>
    /// <exception cref="IOException">The system refused.</exception>
    public static void Own(string path, int user, int group)
    {
        if (ChangeOwner(path, user, group) != 0)
        {
            throw Refused();
        }
    }

    private static IOException Refused() => new(new Win32Exception(Marshal.GetLastPInvokeError()).Message);

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int LinkFile(string from, string to);

    [LibraryImport("libc", EntryPoint = "lchown", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ChangeOwner(string path, int user, int group);
}
