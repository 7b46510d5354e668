using System.Text.Json;
using Fury.Testing;

namespace Fury.Benchmarks.Monster;

/// <summary>What a peer has done, by its own clock.</summary>
/// <param name="CpuMs">Of its process, all in all.</param>
internal sealed record PeerRun(int Count, double Seconds, double CpuMs, double P50Ms, double P99Ms)
{
    public double PerSecond => Count / Seconds;
}

/// <summary>Drivers of other libraries, in <c>peers/</c>: their packages are fetched by npm into <c>artifacts/</c>, once.</summary>
internal sealed class Peers
{
    private readonly string _node;
    private readonly string _folder;

    private Peers(string node, string folder) => (_node, _folder) = (node, folder);

    /// <summary>Null when this machine has no Node.js or cannot fetch the packages; <paramref name="output"/> says so.</summary>
    public static async Task<Peers?> Prepare(TextWriter output, CancellationToken cancellation)
    {
        var (node, npm) = (Child.Find("node"), Child.Find("npm"));
        if (node is null || npm is null)
        {
            output.WriteLine("  SKIPPED: the peers need Node.js 20 or newer with npm, and this machine has none in its PATH.");
            return null;
        }

        var folder = Path.Combine(FuryProcess.Root, "artifacts", "monster-peers");
        var installed = Path.Combine(folder, "node_modules", ".package-lock.json");
        Directory.CreateDirectory(folder);
        foreach (var file in Directory.EnumerateFiles(Path.Combine(FuryProcess.Root, "tests/Fury.Benchmarks/Monster/peers")))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)), overwrite: true);
        }

        if (!File.Exists(installed) || File.GetLastWriteTimeUtc(installed) < File.GetLastWriteTimeUtc(Path.Combine(folder, "package-lock.json")))
        {
            var (exitCode, text) = await Child.Run(
                npm, ["ci", "--prefix", folder, "--ignore-scripts", "--omit=optional", "--no-audit", "--no-fund"], cancellation);
            if (exitCode != 0)
            {
                output.WriteLine($"  SKIPPED: npm could not fetch the peers' packages: {text.Trim()}");
                return null;
            }

            File.SetLastWriteTimeUtc(installed, File.GetLastWriteTimeUtc(Path.Combine(folder, "package-lock.json")));
        }

        return new Peers(node, folder);
    }

    /// <summary>In a fresh database of the same server.</summary>
    public async Task<PeerRun> Run(Cluster cluster, string driver, string[] arguments, CancellationToken cancellation)
    {
        var database = await cluster.CreateDatabase($"peer_{driver}", cancellation);
        var (exitCode, output) = await Child.Run(
            _node, [Path.Combine(_folder, driver + ".js"), cluster.SocketFolder, Cluster.User, database.Name, .. arguments], cancellation);
        var line = output.Split('\n').LastOrDefault(line => line.StartsWith('{'));
        if (exitCode != 0 || line is null)
        {
            throw new InvalidOperationException($"{driver} has ended with {exitCode}: {output}");
        }

        return JsonSerializer.Deserialize<PeerRun>(line, JsonSerializerOptions.Web)!;
    }
}
