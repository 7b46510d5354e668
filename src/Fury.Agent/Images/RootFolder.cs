namespace Fury.Agent;

/// <summary>
/// A folder that will be the root of a process. Paths in it are followed as that process will: absolute links begin at the folder, and nothing leads
/// above it. Only for folders in which nobody else changes anything.
/// </summary>
internal sealed class RootFolder(string folder)
{
    /// <summary>As many as Linux follows before it says ELOOP.</summary>
    private const int LinksFollowedMax = 40;

    /// <summary>Where the path is outside of the root; its last part is not followed.</summary>
    /// <exception cref="BadArchive">Links lead in circles.</exception>
    public string Resolve(string path) => Walk(path, followsLast: false);

    /// <summary>As <see cref="Resolve"/>, with the last part followed too.</summary>
    public string Follow(string path) => Walk(path, followsLast: true);

    private string Walk(string path, bool followsLast)
    {
        var ahead = new Stack<string>(Parts(path).Reverse());
        var behind = new List<string>();
        var followed = 0;
        while (ahead.TryPop(out var part))
        {
            if (part == "..")
            {
                behind.RemoveRange(Math.Max(0, behind.Count - 1), Math.Min(1, behind.Count));
                continue;
            }

            behind.Add(part);
            if ((ahead.Count == 0 && !followsLast) || new FileInfo(Path.Join([folder, .. behind])).LinkTarget is not { } target)
            {
                continue;
            }

            if (++followed > LinksFollowedMax)
            {
                throw new BadArchive($"its links lead in circles at '{path}'");
            }

            behind.RemoveRange(target.StartsWith('/') ? 0 : behind.Count - 1, target.StartsWith('/') ? behind.Count : 1);
            foreach (var next in Parts(target).Reverse())
            {
                ahead.Push(next);
            }
        }

        return Path.Join([folder, .. behind]);
    }

    private static IEnumerable<string> Parts(string path) => path.Split('/').Where(part => part is not ("" or "."));
}
