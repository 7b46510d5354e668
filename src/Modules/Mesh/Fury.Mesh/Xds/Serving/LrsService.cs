using System.Security.Cryptography.X509Certificates;
using Envoy.Service.LoadStats.V3;
using Fury.Mesh.Proxies;
using Fury.Xds.Framing;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Options;

namespace Fury.Mesh.Xds;

/// <summary>Load reports: what each proxy has sent to which pool, and what is in flight.</summary>
internal sealed class LrsService(
    XdsHub hub, ProxyBook proxies, AwaitedPools awaited, Credentials credentials, IOptions<XdsOptions> options, TimeProvider clock)
{
    /// <summary>
    /// How long a report may be under way, so that what it says began is not dated later than it did; and how long a proxy may still send by
    /// what it had after it acknowledged something else (gRPC's C++ core was seen to, for 1.2 ms).
    /// </summary>
    public static readonly TimeSpan DelayMax = TimeSpan.FromMilliseconds(100);

    public async Task Serve(GrpcServerStream wire, X509Certificate2? certificate, CancellationToken cancellation)
    {
        if (await FirstRequest.Read<LoadStatsRequest>(wire, clock, cancellation) is not { } first)
        {
            return;
        }

        var identity = credentials.Identify(first.Node, certificate);
        using var entry = await proxies.Join(identity, cancellation);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var look = entry.Look();
        await Ask(look.IsSplit);
        Task[] halves = [Hear(), AskAgain()];
        try
        {
            await await Task.WhenAny(halves);
        }
        finally
        {
            await over.CancelAsync();
            await Task.WhenAll(halves).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        async Task Hear()
        {
            // The first request tells of what happened before anybody asked.
            var last = clock.GetTimestamp();
            while (await wire.Read<LoadStatsRequest>(over.Token) is { } report)
            {
                // Reports of one stream follow each other, so this interval began when the one before was sent.
                var (now, delay) = (clock.GetTimestamp(), (long)(DelayMax.TotalSeconds * clock.TimestampFrequency));
                entry.Reported(new LoadReport(last - delay, now, LoadReports.Read(report.ClusterStats, hub.Current.Splits))
                {
                    Locations = LoadReports.Locations(report.ClusterStats),
                });
                awaited.Note(LoadReports.Awaited(report.ClusterStats));
                last = now;
            }
        }

        async Task AskAgain()
        {
            while (true)
            {
                await look.Next.WaitAsync(over.Token);
                var asked = look.IsSplit;
                look = entry.Look();
                if (look.IsSplit != asked)
                {
                    await Ask(look.IsSplit);
                }
            }
        }

        async Task Ask(bool forReplicas) => await wire.Write(
            new LoadStatsResponse
            {
                SendAllClusters = true,
                LoadReportingInterval = options.Value.LoadReportInterval.ToDuration(),
                ReportEndpointGranularity = forReplicas,
            },
            over.Token);
    }
}
