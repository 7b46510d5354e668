using Fury.Catalog.Contracts;
using Fury.Cli.Http;
using Fury.Cli.Load;
using Fury.Cli.Output;
using Fury.Cli.Services;
using Fury.Cli.Versions;
using Fury.Deployments.Contracts;
using Fury.Kernel;

namespace Fury.Cli.Quickstart;

/// <summary>What was put behind the store while it was used.</summary>
/// <param name="Instances">How many have it in force.</param>
/// <param name="Seconds">From the wish until all of them had it.</param>
/// <param name="Requests">Sent from the wish until the next one.</param>
/// <param name="Failed">Of these.</param>
internal sealed record SwitchSeen(string Service, string Driver, long Epoch, int Instances, double Seconds, long Requests, long Failed);

/// <summary>How that part went.</summary>
/// <param name="Wrong">Where it went otherwise than told; empty when all is well.</param>
internal sealed record ShopEnd(IReadOnlyList<SwitchSeen> Switches, IReadOnlyList<string> Wrong);

/// <summary>
/// An application that names its cloud services and no provider: what stands behind its store is switched from the memory of its instances to a Redis and
/// back, while requests read and write.
/// </summary>
/// <param name="folder">The built samples/shop.</param>
/// <param name="redis">The program; null when there is none, and then this part is left out.</param>
internal sealed class ShopStory(FuryApi api, string folder, string? redis, double rate, StoryLog log, TimeProvider clock)
{
    private const string Version = "1.0.0";
    private const string Store = "carts";
    private const int Connections = 32;
    private static readonly TimeSpan TrafficMax = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan InForceWithin = TimeSpan.FromSeconds(60);

    private static readonly (string Kind, string Name)[] Services = [("key-value", Store), ("objects", "invoices"), ("queue", "orders")];

    private static readonly ApplicationName Application = ApplicationName.Parse("shop");
    private static readonly ScopeRef Production = new(Application, ScopeName.Parse("production-web"));

    /// <summary>Before, between and after the switches, so that each provider is seen to serve.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromSeconds(1);

    public async Task<ShopEnd> Run(CancellationToken cancellation)
    {
        if (redis is null)
        {
            log.Add("the switch of a store from local to Redis is left out: there is no redis-server on the PATH");
            return new([], []);
        }

        log.Add($"application {Application}, which names its services and no provider: {string.Join(", ", Services.Select(one => one.Name))}");
        await Ensure(cancellation);
        var chapter = await new Deployer(api, log, clock).Deploy(Production, Version, Strategy.AllIn, cancellation);
        if (chapter.Outcome != DeploymentPhase.Done)
        {
            return new([], [$"{Application} {Version} ended as {Word.Of(chapter.Outcome)}, not as done: {chapter.Events[^1].Message}"]);
        }

        await using var server = await LocalRedis.Start(redis, clock, cancellation);
        return await Switch(server.Endpoint, cancellation);
    }

    private async Task<ShopEnd> Switch(Uri endpoint, CancellationToken cancellation)
    {
        var address = (await api.Get(Routes.Status(Production), cancellation)).Read<ScopeStatus>().Address;
        var traffic = new LoadGenerator(new LoadPlan(address) { Rate = rate, Connections = Connections, Duration = TrafficMax }, clock);
        log.Add($"{Plain.Number(rate)} requests a second to {address}");
        var seen = new List<SwitchSeen>();
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var flowing = traffic.Run(enough.Token);
        try
        {
            await Task.Delay(Pause, clock, cancellation);
            foreach (var route in new object[] { new { Driver = "redis", Endpoint = endpoint, Resource = Store }, new { Driver = "local" } })
            {
                seen.Add(await To(route, traffic, cancellation));
            }
        }
        finally
        {
            await enough.CancelAsync();
            await flowing;
        }

        // A request that ended late was counted after its switch: the whole is what counts.
        var report = await flowing;
        List<string> wrong = report is { Failed: > 0, Failures: [var first, ..] }
            ? [$"{report.Failed} requests failed while {Store} was switched, the first at {Plain.Clock(first.SentAt)}: {first.Reason}"]
            : [];
        var unseen = seen.Where(one => one.Requests == 0 || one.Instances == 0);
        return new(seen, [.. wrong, .. unseen.Select(one => $"{one.Requests} requests to {one.Instances} instances while {Store} was in {one.Driver}")]);
    }

    private async Task<SwitchSeen> To(object route, LoadGenerator traffic, CancellationToken cancellation)
    {
        var (before, began) = (traffic.Report, clock.GetTimestamp());
        var binding = await Bind("key-value", Store, route, cancellation);
        var status = await ServiceCommand.Settled(api, Production, ("key-value", Store), binding.Epoch, InForceWithin, cancellation);
        var took = clock.GetElapsedTime(began);
        var driver = binding.Route!.Driver;
        log.Add($"{Store} is in {driver} from epoch {binding.Epoch} on, in force in {status.InForce} instances after {Plain.Seconds(took)}");
        await Task.Delay(Pause, clock, cancellation);
        var after = traffic.Report;
        return new(
            Store, driver, binding.Epoch, status.InForce, Math.Round(took.TotalSeconds, 2), after.Requests - before.Requests, after.Failed - before.Failed);
    }

    private async Task Ensure(CancellationToken cancellation)
    {
        await api.Ensure(Routes.Application(Application), new { Team = "greeters", Criticality = "low" }, cancellation);
        var scope = new { Compute = "standard", Workload = "web", HealthPath = "/health", MinReplicas = 2, MaxReplicas = 4 };
        await api.Ensure(Routes.Scope(Production), scope, cancellation);
        var command = OperatingSystem.IsWindows() ? "shop.exe" : "shop";
        var version = VersionCommand.Body(folder, command, [], new Dictionary<string, string>());
        await api.Ensure(Routes.Version(Application, VersionName.Parse(Version)), version, cancellation);
        foreach (var (kind, name) in Services)
        {
            await api.Put(Routes.Service(Application, kind, name), new { }, null, cancellation);
            await Bind(kind, name, new { Driver = "local" }, cancellation);
        }
    }

    // Instances of an earlier run may be behind, of one that was stopped in its midst: they have nothing that anybody would miss.
    private async Task<ServiceBinding> Bind(string kind, string name, object route, CancellationToken cancellation)
    {
        var wish = new { Route = route, Reason = "quickstart", By = "quickstart", EvenIfBehind = true };
        return (await api.Put(Routes.Binding(Production, kind, name), wish, null, cancellation)).Read<ServiceBinding>();
    }
}
