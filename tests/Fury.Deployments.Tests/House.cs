using Fury.Access.Contracts;
using Fury.Catalog.Contracts;
using Fury.Compute.Contracts;
using Fury.Deployments.Contracts;
using Fury.Deployments.Deployments;
using Fury.Deployments.Driving;
using Fury.Deployments.Scaling;
using Fury.Deployments.Tests.Sources;
using Fury.Deployments.Webhooks;
using Fury.Hosting;
using Fury.Kernel;
using Fury.Mesh.Contracts;
using Fury.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Fury.Deployments.Tests;

/// <summary>The module on a real database, over an engine, a mesh and a catalog in memory.</summary>
public sealed class House() : TestDatabase(new DeploymentsModule())
{
    private int _scopes;

    internal FakeCatalog Catalog { get; } = new();

    internal FakeComputeEngine Engine { get; } = new();

    internal FakeRoutingTables Tables { get; } = new();

    /// <summary>A source of metrics that is asked each second; its name is <c>shop</c>.</summary>
    internal FakeSource Source { get; } = new();

    internal IDeployments Deployments => Get<IDeployments>();

    internal IDeploymentStore Store => Get<IDeploymentStore>();

    /// <summary>Phases that pass by time are short; deadlines are long, so that a busy machine fails no test.</summary>
    internal static PolicyRequest Quick { get; } =
        new(ProvisionSeconds: 60, ConvergeSeconds: 60, JudgeSeconds: 1, BakeSeconds: 0, DrainSeconds: 1, MinRequests: 10);

    private readonly Lock _starting = new();
    private Task? _start;

    /// <summary>Starts the background work once for all tests of a class.</summary>
    internal Task Started()
    {
        lock (_starting)
        {
            return _start ??= Start();
        }
    }

    /// <summary>The scaler's: whoever tests it runs it, by a clock of their own, so it does not run in the background.</summary>
    internal ILease ScalerLease { get; private set; } = null!;

    private async Task Start()
    {
        ScalerLease = (await Get<ILeases>().TryAcquire(Scaler.ReconcilerName, default))!;
        await StartHosted();
    }

    internal async Task In(DeploymentId id, DeploymentPhase phase)
    {
        Deployment? now = null;
        await Eventually.True(
            async () => (now = (await Deployments.Find(id, default)).Value) is var found && (found.Phase == phase || found.Ended),
            because: $"deployment {id} in {phase}");
        Assert.True(now!.Phase == phase, $"It ended {now.Phase}: {now.Reason}");
    }

    internal ScopeRef NewScope() => Catalog.AddScope($"shop/test-web{Interlocked.Increment(ref _scopes)}");

    internal async Task<Deployment> Deploy(ScopeRef scope, string version, string strategy = "all-in", PolicyRequest? policy = null)
    {
        var started = await Deployments.Start(scope, new DeploymentRequest(version, strategy, policy), null, default);
        Assert.True(started.IsOk, started.Fault?.ToString());
        return started.Value;
    }

    internal async Task<Deployment> Ended(DeploymentId id)
    {
        Deployment? last = null;
        await Eventually.True(
            async () => (last = (await Deployments.Find(id, default)).Value).Ended, TimeSpan.FromSeconds(30), $"deployment {id} ends");
        return last!;
    }

    internal async Task<IReadOnlyList<DeploymentEvent>> History(DeploymentId id) => await Store.Events(id, 0, 1000, default);

    protected override void Configure(IServiceCollection services)
    {
        Tables.Follow(Engine);
        services.AddSingleton<IAccess>(new OpenAccess());
        services.AddSingleton<ICatalog>(Catalog);
        services.AddSingleton<IComputeEngine>(Engine);
        services.AddSingleton<IRoutingTables>(Tables);
        services.AddSingleton(new WebhookOptions(AddressPolicy.Parse("127.0.0.0/8"), new("https://fury.example.com/")));
        services.AddSingleton(provider => Source.AsOnly(provider.GetRequiredService<TimeProvider>(), TimeSpan.FromSeconds(1)));
        services.AddSingleton<EngineNews>();
        services.AddHostedService<EngineNews>();
    }

    /// <summary>Brings the engine's news to the drivers, as the outbox does.</summary>
    private sealed class EngineNews(Drivers drivers, IComputeEngine engine) : Microsoft.Extensions.Hosting.IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            ((FakeComputeEngine)engine).Changed += news => _ = drivers.Handle(news, default);
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
