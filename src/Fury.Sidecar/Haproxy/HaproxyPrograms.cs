namespace Fury.Sidecar.Haproxy;

/// <summary>Where the programs are that it takes.</summary>
/// <param name="Setpriv">Of util-linux: tells the kernel that HAProxy is to end with us.</param>
internal sealed record HaproxyPrograms(string Haproxy, string Setpriv)
{
    private static readonly string[] Folders = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin"];

    /// <param name="binary">What the settings say; null to look for it.</param>
    /// <exception cref="InvalidOperationException">One of them is not there; the message names it and what to do.</exception>
    public static HaproxyPrograms Locate(string? binary) => new(
        binary ?? Find("haproxy") ?? throw new InvalidOperationException(
            "Sidecar:DataPlane is 'haproxy', and there is no haproxy in PATH or /usr/sbin. "
            + "Install it (apt-get install haproxy), or set Sidecar:Haproxy:Binary."),
        Find("setpriv") ?? throw new InvalidOperationException(
            "Sidecar:DataPlane is 'haproxy', and there is no setpriv in PATH or /usr/bin, which ends HAProxy with this process. Install util-linux."));

    private static string? Find(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Concat(Folders)
            .Select(folder => Path.Combine(folder, program))
            .FirstOrDefault(File.Exists);
}
