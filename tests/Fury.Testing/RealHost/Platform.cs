using System.Net.Http.Json;
using System.Text.Json;
using Fury.Deployments.Contracts;
using Fury.Kernel;
using Xunit;

namespace Fury.Testing;

/// <summary>The platform as a user's script sees it: the HTTP API of a running host, with the sample application registered.</summary>
public sealed class Platform(FuryProcess fury)
{
    public const string Scopes = "/api/v1/applications/hello/scopes";
    public static readonly ScopeRef Web = ScopeRef.Parse("hello/production-web");

    /// <summary>A scope that calls <see cref="Web"/> once it is said to, by <see cref="Depend"/>.</summary>
    public static readonly ScopeRef Caller = ScopeRef.Parse("hello/production-caller");

    /// <summary>Windows short enough for a test and long enough to see traffic.</summary>
    public static readonly PolicyRequest Quick = new(ProvisionSeconds: 30, JudgeSeconds: 3, BakeSeconds: 1, DrainSeconds: 20);

    /// <summary>The host name that the sidecar routes by.</summary>
    public static string WebHost => "production-web.hello.localhost";

    public async Task CreateHello(int replicas = 2)
    {
        await Put("/api/v1/applications/hello", new { team = "journeys" });
        await Put($"{Scopes}/production-web", new { minReplicas = replicas, maxReplicas = 4 });
    }

    /// <summary>How the size follows the clock and the requests from now on; the rest is as <see cref="CreateHello"/> has made it.</summary>
    public Task Scale(object scaling, int replicas) =>
        Put($"{Scopes}/production-web", new { minReplicas = replicas, maxReplicas = 4, scaling }, ifMatch: "*");

    /// <summary>Says that <see cref="Caller"/> calls <see cref="Web"/>: what a sidecar follows that cannot ask for hosts.</summary>
    public Task Depend() => Put($"{Scopes}/{Caller.Scope}/dependencies", new { declared = new[] { $"{Web}" } });

    /// <summary>Registers the sample as <paramref name="version"/>, with its behaviour set by environment.</summary>
    public Task Register(string version, params (string Key, string Value)[] behaviour) => Put(
        $"/api/v1/applications/hello/versions/{version}",
        new
        {
            artifact = new { path = FuryProcess.Sample, command = "hello" },
            environment = behaviour.Append(("HELLO_VERSION", version)).ToDictionary(pair => pair.Item1, pair => pair.Item2),
        });

    public Task<Deployment> Deploy(string version, string strategy, PolicyRequest? policy = null, string? whenBusy = null) =>
        Deploy(new(version, strategy, policy ?? Quick, whenBusy));

    public async Task<Deployment> Deploy(DeploymentRequest request) =>
        await Read<Deployment>(await fury.Client.PostAsJsonAsync($"{Scopes}/production-web/deployments", request, FuryJson.Options));

    /// <summary>Commands it to do so, e.g. <c>finalise</c>.</summary>
    public async Task Order(DeploymentId id, string command) =>
        await Read<Deployment>(await fury.Client.PostAsJsonAsync($"/api/v1/deployments/{id}/{command}", new { reason = "a journey" }, FuryJson.Options));

    public async Task<Deployment> Find(DeploymentId id) =>
        await Read<Deployment>(await fury.Client.GetAsync($"/api/v1/deployments/{id}"));

    /// <summary>Null while the host cannot say, e.g. while its database is away.</summary>
    public async Task<Deployment?> TryFind(DeploymentId id)
    {
        using var answer = await fury.Client.GetAsync($"/api/v1/deployments/{id}");
        return answer.IsSuccessStatusCode
            ? JsonSerializer.Deserialize<Deployment>(await answer.Content.ReadAsStringAsync(), FuryJson.Options)
            : null;
    }

    public async Task<ScopeStatus> Status() => await Read<ScopeStatus>(await fury.Client.GetAsync($"{Scopes}/production-web/status"));

    public async Task<IReadOnlyList<DeploymentEvent>> Events(DeploymentId id) =>
        await Read<List<DeploymentEvent>>(await fury.Client.GetAsync($"/api/v1/deployments/{id}/events"));

    /// <summary>Waits for the end; a host that is away for a while is asked again.</summary>
    public async Task<Deployment> Ended(DeploymentId id, TimeSpan within)
    {
        Deployment? last = null;
        await Until(within, () => $"{id} has not ended: {last?.Phase} ({last?.Reason})\n{fury.Log}", async () =>
        {
            last = await Find(id);
            return last.Ended;
        });
        return last!;
    }

    public async Task<Deployment> DeployAndWait(string version, string strategy, PolicyRequest? policy = null) =>
        await Ended((await Deploy(version, strategy, policy)).Id, TimeSpan.FromSeconds(90));

    /// <summary>Waits until the condition holds; a refused connection is a "not yet".</summary>
    public static async Task Until(TimeSpan within, Func<string> because, Func<Task<bool>> condition)
    {
        using var deadline = new CancellationTokenSource(within);
        while (true)
        {
            try
            {
                if (await condition())
                {
                    return;
                }
            }
            catch (HttpRequestException) when (!deadline.IsCancellationRequested)
            {
                // The host is away; a journey that kills it waits for its return.
            }

            if (deadline.IsCancellationRequested)
            {
                Assert.Fail(because());
            }

            await Task.Delay(20, CancellationToken.None);
        }
    }

    /// <summary>
    /// What must hold once no deployment is in progress: one pool with all of the traffic, its replicas ready, one live process for each
    /// replica and no other, and proxies that route by that record.
    /// </summary>
    public async Task AssertSettled(string version)
    {
        ScopeStatus? status = null;
        await Until(TimeSpan.FromSeconds(60), () => $"Not settled on {version}: {Show(status)}\n{fury.Log}", async () =>
        {
            status = await Status();
            return status is { InProgress: null, Pools: [{ Weight: 100 } only] } && only.Ready == only.Wanted
                && fury.LiveInstances().Select(live => live.Id).Order()
                    .SequenceEqual(only.Replicas.Select(replica => replica.Id.ToString()).Order());
        });
        Assert.Equal(version, status!.Version?.Value);
        Assert.All(fury.LiveInstances(), live => Assert.Equal(version, live.Version));

        // The first request for a host makes the sidecar ask for its route. On a machine that has too much to do that may take longer than the request waits.
        string? served = null;
        await Until(TimeSpan.FromSeconds(60), () => $"{version} is not what is served: {served}\n{fury.Log}", async () =>
        {
            served = await Served();
            return served == version;
        });
    }

    /// <summary>The version that answers a request through the sidecar; else what is answered.</summary>
    public async Task<string> Served()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, fury.Sidecar) { Headers = { Host = WebHost } };
        using var answer = await fury.Client.SendAsync(request);
        return answer.Headers.TryGetValues("x-version", out var values) ? values.Single()
            : $"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}";
    }

    public static string Show(object? value) => JsonSerializer.Serialize(value, FuryJson.Options);

    private async Task Put(string path, object body, string? ifMatch = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, path) { Content = JsonContent.Create(body, body.GetType(), options: FuryJson.Options) };
        if (ifMatch is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        }

        using var answer = await fury.Client.SendAsync(request);
        Assert.True(answer.IsSuccessStatusCode, $"PUT {path}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}\n{fury.Log}");
    }

    private async Task<T> Read<T>(HttpResponseMessage answer)
    {
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"{answer.RequestMessage?.RequestUri}: {(int)answer.StatusCode} {text}\n{fury.Log}");
        return JsonSerializer.Deserialize<T>(text, FuryJson.Options)!;
    }
}
