using System.Globalization;
using Fury.Testing;
using Fury.Xds;

namespace Fury.Benchmarks.Xds;

/// <summary>
/// How long a client by others (gRPC's C++ core, which calls all the while) takes to acknowledge routes that have changed, from the moment at which the
/// snapshot is another one.
/// </summary>
internal static class XdsAcks
{
    private const int Flips = 200;
    private const int AnswersBetween = 20;

    public static async Task Measure(XdsBench.Plane plane, Dictionary<string, double> figures, TextWriter output, CancellationToken stop)
    {
        await using var blue = await GrpcBackend.Start("blue", "127.9.2.1");
        await using var green = await GrpcBackend.Start("green", "127.9.2.2");
        await plane.Tell($"backends {blue.EndPoint} {green.EndPoint}", stop);
        await using var client = GrpcClient.StartPython("grpc-core", plane.Address, MeshNames.Of(XdsPlane.Scope(0)));
        await client.Answered(AnswersBetween);
        List<double> taken = [];
        for (var flip = 0; flip < Flips; flip++)
        {
            taken.Add(double.Parse(await plane.Tell("flip", stop), CultureInfo.InvariantCulture));
            await client.Answered(AnswersBetween);
        }

        var calls = await client.Stop();
        taken.Sort();
        figures["ack_p50_ms"] = taken[Flips / 2];
        figures["ack_p90_ms"] = taken[Flips * 9 / 10];
        figures["ack_max_ms"] = taken[^1];
        figures["ack_failed_calls"] = calls.Failed;
        output.WriteLine($"  {Flips} flips acknowledged by the C++ core of gRPC in {figures["ack_p50_ms"]:0.0} / {figures["ack_p90_ms"]:0.0} / "
            + $"{figures["ack_max_ms"]:0.0} ms (p50 / p90 / max); {calls.Answered} calls, {calls.Failed} failed");
    }
}
