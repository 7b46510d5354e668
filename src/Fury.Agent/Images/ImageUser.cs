using System.Globalization;
using Fury.Kernel;

namespace Fury.Agent;

/// <summary>Whom a process of an image runs as.</summary>
internal sealed record ImageUser(int User, int Group, string Home)
{
    /// <summary>Reads <c>user</c> or <c>user:group</c>, each a name that the image knows or a number; nothing is root.</summary>
    public static Outcome<ImageUser> Of(string user, string folder)
    {
        var root = new RootFolder(folder);
        var (name, group) = user.Split(':', 2) is [var first, var second] ? (first, second) : (user, null);
        var passwd = Lines(root.Follow("etc/passwd"), 7);
        var known = passwd.FirstOrDefault(line => name.Length > 0 ? line[0] == name || line[2] == name : line[2] == "0");
        if (Number(known?[2] ?? (name.Length > 0 ? name : "0")) is not { } uid)
        {
            return Fault.Invalid($"The image runs as '{name}', and its /etc/passwd has no such user.");
        }

        var gid = group is null
            ? Number(known?[3] ?? "0")
            : Number(Lines(root.Follow("etc/group"), 4).FirstOrDefault(line => line[0] == group)?[2] ?? group);
        return gid is { } own
            ? new ImageUser(uid, own, known?[5] is { Length: > 0 } home ? home : "/")
            : Fault.Invalid($"The image runs as group '{group}', and its /etc/group has no such group.");
    }

    private static int? Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static List<string[]> Lines(string file, int fields) => File.Exists(file)
        ? [.. File.ReadLines(file).Select(line => line.Split(':')).Where(line => line.Length >= fields)]
        : [];
}
