using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Fury.LocalCluster;
using Fury.Testing;
using Xunit.Abstractions;

namespace Fury.Journeys.Tests.Acceptance;

/// <summary>
/// One host with instances in several regions and a cluster of processes, for all scenarios: they mostly wait, so they are all begun at once, a few at a
/// time, each with an application of its own, and each test awaits its own.
/// </summary>
public sealed class AcceptanceHost : IAsyncLifetime
{
    internal const string Standard = "standard";
    internal const string Serverless = "serverless";

    /// <summary>Most of what they do is waiting; more at once would only measure each other on two cores.</summary>
    private const int AtOnce = 4;

    private static readonly TimeSpan RestartPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan EditEvery = TimeSpan.FromMilliseconds(5);
    private static readonly string[] Regions = ["this-machine", "north", "east", "south"];
    private static readonly string[] Both = [Standard, Serverless];

    /// <summary>The longest first, and those that need no cluster, since a new one has to prove itself.</summary>
    private static readonly (Func<Case, Task> Act, string[] Engines)[] Plays =
    [
        (Guards.CrashLoop, Both),
        (Places.RegressionInOne, [Standard]),
        (Guards.FreezeAtAQuarter, Both),
        (Capacity.AbortAtEighty, Both),
        (Capacity.ScaledPool, Both),
        (Capacity.SecondWriter, [Serverless]),
        (Guards.ForwardOnly, Both),
        (Verdicts.SharedDependency, Both),
        (Verdicts.SickReplica, Both),
        (Releases.NextWhileAtAQuarter, Both),
        (Releases.ConfigurationOnly, Both),
        (Releases.NoPower, [Standard]),
        (Places.IntoTheCluster, [Standard]),
    ];

    private readonly Dictionary<(Func<Case, Task>, string), Task<Case>> _played = [];
    private LocalCluster.Cluster _cluster = null!;

    internal FuryProcess Fury { get; private set; } = null!;

    /// <summary>Ends when the cluster gets work.</summary>
    internal Task ClusterIsTrusted { get; private set; } = null!;

    internal string Folder { get; } = FuryProcess.NewFolder();

    public async Task InitializeAsync()
    {
        _cluster = await LocalCluster.Cluster.Start(new()
        {
            Kubelet = KubeletMode.Process,
            RestartPause = RestartPause,
            RestartPauseMax = RestartPause,
        });
        Fury = await FuryProcess.Start(null, [.. Regions.Select((region, index) => $"--Fury:Local:Regions:{index}={region}")]);
        var access = Path.Combine(Folder, "kubeconfig");
        await File.WriteAllTextAsync(access, _cluster.Kubeconfig);
        await Cli("cluster", "add", "local", "--provider", "local", "--region", "this-machine", "--kubeconfig", access);
        ClusterIsTrusted = Platform.Until(TimeSpan.FromSeconds(60), () => $"The cluster is not healthy.\n{Fury.Log}", async () =>
            (await Fury.Client.GetFromJsonAsync<JsonElement>("/api/v1/clusters")).GetProperty("items")[0] is var cluster
                && cluster.TryGetProperty("health", out var health) && health.GetString() == "healthy");
        var room = new SemaphoreSlim(AtOnce);
        foreach (var engine in Both)
        {
            foreach (var (act, _) in Plays.Where(play => play.Engines.Contains(engine)))
            {
                _played[(act, engine)] = Play(act, engine, room);
            }
        }
    }

    public async Task DisposeAsync()
    {
        await ((Task)Task.WhenAll(_played.Values)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        // The cluster first: processes of its pods would look like the host's.
        await _cluster.DisposeAsync();
        await Fury.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }

    /// <summary>Waits for a scenario's end, and fails as it did.</summary>
    internal async Task Played(Func<Case, Task> act, string engine, ITestOutputHelper output)
    {
        var played = await _played[(act, engine)];
        output.WriteLine(played.Notes);
    }

    /// <summary>What the command line prints.</summary>
    internal async Task<string> Cli(params string[] arguments) => (await FuryCli.Run(Fury, arguments)).Output;

    /// <summary>Changes the application's ReplicaSets again and again in the cluster itself; how often it did, in the end.</summary>
    internal async Task<int> EditReplicaSets(string application, CancellationToken stop)
    {
        using var http = new HttpClient { BaseAddress = _cluster.Address };
        var edits = 0;
        for (; !stop.IsCancellationRequested; await Task.Delay(EditEvery, CancellationToken.None))
        {
            var sets = await http.GetFromJsonAsync<JsonElement>(
                $"/apis/apps/v1/replicasets?labelSelector=fury.io/application={application}", CancellationToken.None);
            foreach (var metadata in sets.GetProperty("items").EnumerateArray().Select(set => set.GetProperty("metadata")))
            {
                using var edit = JsonContent.Create(
                    new { metadata = new { annotations = new { edited = $"{edits}" } } }, MediaTypeHeaderValue.Parse("application/merge-patch+json"));
                using var answer = await http.PatchAsync(
                    $"/apis/apps/v1/namespaces/{metadata.GetProperty("namespace")}/replicasets/{metadata.GetProperty("name")}", edit, CancellationToken.None);
                edits += answer.IsSuccessStatusCode ? 1 : 0;
            }
        }

        return edits;
    }

    private async Task<Case> Play(Func<Case, Task> act, string engine, SemaphoreSlim room)
    {
        if (engine == Serverless)
        {
            await ClusterIsTrusted;
        }

        await room.WaitAsync();
        await using var it = new Case(this, act.Method.Name, engine);
        try
        {
            await act(it);
            return it;
        }
        finally
        {
            room.Release();
        }
    }
}
