using System.Globalization;
using Fury.Kernel;

namespace Fury.Agent;

/// <summary>How the process of an image is started: in the image's folder as its root, with the system's own files in it, as the image's user.</summary>
internal static class ImageStart
{
    private const string PathDefault = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    /// <summary>
    /// Devices, processes and the kernel's own files are mounted where only this process sees it, so that they are gone with it. Where mounting is not
    /// allowed it runs without. Programs of the machine are found by the machine's PATH, and the image's holds from the last step on. Every step is an exec.
    /// </summary>
    private const string Script = """
        enter='root=$1 folder=$2 user=$3 group=$4; nsenter=$(command -v nsenter); PATH=$5; export PATH; shift 5
          exec "$nsenter" --root="$root" --wd="$folder" --setgid="$group" --setuid="$user" -- "$@"'
        mounts='mount --rbind /dev "$1/dev"; mount --rbind /sys "$1/sys"; mount -t proc proc "$1/proc"; '
        if unshare --mount true 2>/dev/null; then
          exec unshare --mount --propagation private /bin/sh -c "$mounts$enter" fury "$@"
        fi
        exec /bin/sh -c "$enter" fury "$@"
        """;

    private static readonly string[] MountedOver = ["dev", "proc", "sys"];
    private static readonly string[] OfTheMachine = ["/etc/resolv.conf", "/etc/hosts"];

    /// <param name="words">The program and its arguments, as the process sees them.</param>
    public static Outcome<Startable> Of(string root, ImageConfig config, IReadOnlyList<string> words)
    {
        var user = ImageUser.Of(config.User, root);
        if (!user.IsOk)
        {
            return user.Fault;
        }

        var places = new RootFolder(root);
        foreach (var folder in MountedOver.Append(config.Folder))
        {
            Directory.CreateDirectory(places.Follow(folder));
        }

        foreach (var file in OfTheMachine.Where(File.Exists))
        {
            // Names are found as on the machine; images hold an empty file there, or none.
            var copy = places.Follow(file);
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy, overwrite: true);
        }

        var environment = new Dictionary<string, string>(config.Environment);
        var path = environment.Remove("PATH", out var own) ? own : PathDefault;
        environment.TryAdd("HOME", user.Value.Home);
        return new Startable(
            [
                "/bin/sh", "-c", Script, "fury", root, places.Follow(config.Folder), Text(user.Value.User), Text(user.Value.Group), path, .. words,
            ],
            root,
            environment)
        { IsAlone = true };
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
