using System.Text.Json;
using Fury.Testing;

namespace Fury.Benchmarks.Monster;

/// <summary>What a peer has done, by its own clock.</summary>
/// <param name="CpuMs">Of its process, all in all.</param>
internal sealed record PeerRun(int Count, double Seconds, double CpuMs, double P50Ms, double P99Ms)
{
    public double PerSecond => Count / Seconds;
}

/// <summary>Drivers of other libraries, in <c>peers/</c>: npm fetches their packages.</summary>
internal sealed class Peers
{
    private readonly NodeScripts _scripts;

    private Peers(NodeScripts scripts) => _scripts = scripts;

    /// <summary>Null when this machine has no Node.js or cannot fetch the packages; <paramref name="output"/> says so.</summary>
    public static async Task<Peers?> Prepare(TextWriter output, CancellationToken cancellation)
    {
        try
        {
            return new Peers(await NodeScripts.Prepare("tests/Fury.Benchmarks/Monster/peers", cancellation));
        }
        catch (NodeUnavailableException failure)
        {
            output.WriteLine($"  SKIPPED: the peers need Node.js 20 or newer with npm. {failure.Message}");
            return null;
        }
    }

    /// <summary>In a fresh database of the same server.</summary>
    public async Task<PeerRun> Run(Cluster cluster, string driver, string[] arguments, CancellationToken cancellation)
    {
        var database = await cluster.CreateDatabase($"peer_{driver}", cancellation);
        var (exitCode, output) = await _scripts.Run(
            driver + ".js", [cluster.SocketFolder, Cluster.User, database.Name, .. arguments], cancellation);
        var line = output.Split('\n').LastOrDefault(line => line.StartsWith('{'));
        if (exitCode != 0 || line is null)
        {
            throw new InvalidOperationException($"{driver} has ended with {exitCode}: {output}");
        }

        return JsonSerializer.Deserialize<PeerRun>(line, JsonSerializerOptions.Web)!;
    }
}
