using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Fury.Cli.Load;
using Fury.Deployments.Contracts;
using Fury.Kernel;
using Fury.Testing;

namespace Fury.Journeys.Tests.Acceptance;

/// <summary>A scenario on the way: an application of its own with one scope, requests to it, and replicas that can be made sick.</summary>
internal sealed class Case(AcceptanceHost host, string name, string engine) : IAsyncDisposable
{
    private const int Seed = 20261127;

    /// <summary>Spans short enough for a test; what a scenario is about it sets itself.</summary>
    public static readonly PolicyRequest Quick = new(ProvisionSeconds: 60, ConvergeSeconds: 30, JudgeSeconds: 1, BakeSeconds: 0, DrainSeconds: 10);

    /// <summary>For whatever is not itself the matter: machines that test are busy.</summary>
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(90);

    /// <summary>Many look at once, and looking takes from what is looked at.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(100);

    private readonly long _began = Stopwatch.GetTimestamp();
    private readonly CancellationTokenSource _enough = new();
    private readonly StringBuilder _notes = new();
    private Task<LoadReport>? _load;

    public string Application { get; } = $"{name}-{engine}".ToLowerInvariant();

    public string Engine => engine;

    public string Notes => _notes.ToString();

    private string Address => $"production-web.{Application}.localhost";

    private string Faults => Path.Combine(host.Folder, Application);

    private string Scope => $"/api/v1/applications/{Application}/scopes/production-web";

    /// <summary>The application with 1.0.0 in production and 1.1.0 beside it, and requests to it.</summary>
    public async Task Begin(int replicas = 2, int? replicasMax = null, double rate = 50, object? scaling = null, IReadOnlyList<PlaceRequest>? locations = null)
    {
        await Put($"/api/v1/applications/{Application}", new { team = "acceptance" });
        await Put(Scope, new { compute = engine, minReplicas = replicas, maxReplicas = replicasMax ?? replicas, scaling });
        await Register("1.0.0");
        await Register("1.1.0");
        await Done(await Deploy(new("1.0.0", "all-in", Quick with { JudgeSeconds = 0 }) { Locations = locations }));
        await Until("the sidecar has its routes", async () => await Ask() == "1.0.0");
        Send(rate);
    }

    public Task Configure(object scope) => Put(Scope, scope, "*");

    public Task Register(string version, bool forwardOnly = false) => Put(
        $"/api/v1/applications/{Application}/versions/{version}",
        new
        {
            artifact = new { path = FuryProcess.Sample, command = "hello" },
            environment = new Dictionary<string, string> { ["HELLO_VERSION"] = version, ["HELLO_FAULTS_FILE"] = Faults },
            forwardOnly,
        });

    /// <summary>Says anew what is wrong with whom; running replicas go by it at once. See the sample's settings.</summary>
    public void Sicken(params IEnumerable<string> lines)
    {
        File.WriteAllLines($"{Faults}.next", lines);
        File.Move($"{Faults}.next", Faults, overwrite: true);
    }

    public Task<Deployment> Deploy(DeploymentRequest request) => Post<Deployment>($"{Scope}/deployments", request);

    /// <summary>By steps that are left by hand, up to all.</summary>
    public Task<Deployment> Step(string version, params decimal[] weights) => Deploy(new(version, "canary", Quick)
    {
        Steps = [.. weights.Select(weight => new StepRequest(weight, "manual")), new StepRequest(100, "timed", 0)],
    });

    public Task<Deployment> Rollback() => Post<Deployment>($"{Scope}/rollback", new RollbackRequest(Policy: Quick));

    public Task Order(Deployment deployment, string command) => Post<Deployment>($"/api/v1/deployments/{deployment.Id}/{command}", new { reason = name });

    public async Task<ScopeStatus> Status() => await Get<ScopeStatus>($"{Scope}/status");

    public async Task<PoolStatus> PoolOf(string version) => (await Status()).Pools.Single(pool => pool.Version.Value == version && pool.Phase == "active");

    public async Task<IReadOnlyList<DeploymentEvent>> Events(Deployment deployment) =>
        await Get<List<DeploymentEvent>>($"/api/v1/deployments/{deployment.Id}/events");

    public Task<Deployment> Find(Deployment deployment) => Get<Deployment>($"/api/v1/deployments/{deployment.Id}");

    /// <summary>Waits until it is in the phase, and fails when it has ended without.</summary>
    public async Task<Deployment> Reaches(Deployment deployment, DeploymentPhase phase, Func<Deployment, bool>? and = null)
    {
        await Until($"{deployment.Version} is {phase}", async () =>
        {
            deployment = await Find(deployment);
            if (deployment.Ended && deployment.Phase != phase)
            {
                Assert.Fail($"{name} on {engine}: ended, and was not {phase}.\n{await History(deployment)}");
            }

            return deployment.Phase == phase && and?.Invoke(deployment) != false;
        });
        Note($"{deployment.Version} is {phase}:\n{await History(deployment)}");
        return deployment;
    }

    private async Task<string> History(Deployment deployment) =>
        string.Join('\n', (await Events(deployment)).Select(one => $"{one.At:HH:mm:ss.f} {one.Phase}: {one.Message}"));

    public Task<Deployment> Done(Deployment deployment) => Reaches(deployment, DeploymentPhase.Done);

    public async Task Until(string what, Func<Task<bool>> condition)
    {
        for (var began = Stopwatch.GetTimestamp(); !await condition(); await Task.Delay(LookEvery))
        {
            if (Stopwatch.GetElapsedTime(began) > Within)
            {
                Assert.Fail($"{name} on {engine}: it never came that {what}.\n{Notes}");
            }
        }
    }

    /// <summary>The version that answers a request.</summary>
    public async Task<string?> Ask()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, host.Fury.Sidecar) { Headers = { Host = Address } };
        using var answer = await host.Fury.Client.SendAsync(request);
        return answer.Headers.TryGetValues("x-version", out var values) ? values.Single() : null;
    }

    public Task<int> EditReplicaSets(CancellationToken stop) => host.EditReplicaSets(Application, stop);

    public Task TrustedCluster() => host.ClusterIsTrusted;

    public async Task<string> Cli(params string[] arguments) => await host.Cli([.. arguments, "-a", Application, "-s", "production-web"]);

    public Task Put(string path, object body, string? ifMatch = null) => Call<JsonElement>(HttpMethod.Put, path, body, ifMatch);

    public Task<T> Post<T>(string path, object body) => Call<T>(HttpMethod.Post, path, body);

    public void Note(string text) =>
        _notes.AppendLine(CultureInfo.InvariantCulture, $"{Stopwatch.GetElapsedTime(_began).TotalSeconds,6:0.0} s  {text}");

    /// <summary>This version has all of the traffic, and is ready; and no request was lost but what sick versions answered badly.</summary>
    public async Task AssertServedAllTheTimeAndNowBy(string version, params string[] sick)
    {
        await Until($"{version} serves alone", async () => await Status() is { InProgress: null, Pools: { Count: > 0 } pools }
            && pools.All(pool => pool.Version.Value == version && pool.Ready == pool.Wanted) && pools.Sum(pool => pool.Weight) == 100);
        await _enough.CancelAsync();
        var report = await _load!;
        Note($"{report.Requests} requests, {report.Failed} failed, seed {Seed}, by version {Platform.Show(report.ByVersion)}");
        var lost = report.Failures.Where(failure => !sick.Any(failure.AnsweredBy)).Take(20).Select(Platform.Show).ToList();
        Assert.True(report.Requests > 0 && lost.Count == 0, $"{name} on {engine}: lost {string.Join('\n', lost)}\n{Notes}");
    }

    public async ValueTask DisposeAsync()
    {
        await _enough.CancelAsync();
        await Task.WhenAny(_load ?? Task.CompletedTask);
        _enough.Dispose();
    }

    private void Send(double rate) => _load = new LoadGenerator(
        new LoadPlan(host.Fury.Sidecar)
        {
            HostHeader = Address,
            Rate = rate,
            Duration = TimeSpan.FromMinutes(10),
            Connections = 16,
            Mix = LatencyMix.Seeded(Seed),
        },
        TimeProvider.System).Run(_enough.Token);

    private async Task<T> Get<T>(string path) => await Call<T>(HttpMethod.Get, path, null);

    private async Task<T> Call<T>(HttpMethod method, string path, object? body, string? ifMatch = null)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Content = body is null ? null : JsonContent.Create(body, body.GetType(), options: FuryJson.Options);
        if (ifMatch is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        }

        using var answer = await host.Fury.Client.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"{name} on {engine}: {method} {path}: {(int)answer.StatusCode} {text}");
        return JsonSerializer.Deserialize<T>(text, FuryJson.Options)!;
    }
}
