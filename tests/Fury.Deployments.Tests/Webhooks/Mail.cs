using Fury.Deployments.Contracts;
using Fury.Deployments.Webhooks;
using Fury.Kernel;
using Fury.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Fury.Deployments.Tests.Webhooks;

/// <summary>Webhooks on one host whose time the test makes, and whose courier runs when the test says so.</summary>
internal sealed class Mail : IAsyncDisposable
{
    private static int _scopes;

    private readonly ServiceProvider _host;

    public Mail(House house, Action<IServiceCollection>? configure = null) => _host = house.BuildServices(services =>
    {
        services.AddSingleton<TimeProvider>(Clock);
        configure?.Invoke(services);
    });

    public LateClock Clock { get; } = new();

    public T Get<T>()
        where T : notnull => _host.GetRequiredService<T>();

    /// <summary>A webhook that wants all of this application.</summary>
    public async Task Subscribe(string name, string url, string application = "shop")
    {
        var webhook = new Webhook(name, new(url), [], [ApplicationName.Parse(application)], [], [], true, default);
        var put = await Get<WebhookStore>().Put(webhook, new(Receiver.Secret), default);
        Assert.True(put.IsOk, $"{put.Fault}");
    }

    /// <summary>A deployment with so many events, told of as the outbox does.</summary>
    public async Task<DeploymentId> Tell(House house, string application, int events)
    {
        var scope = house.Catalog.AddScope($"{application}/test-mail{Interlocked.Increment(ref _scopes)}");
        var started = (await house.Deployments.Start(scope, new("1.0.0", "all-in"), null, default)).Value;
        for (var number = 1L; number <= events; number++)
        {
            if (number > 1)
            {
                var record = (await house.Store.Find(started.Id, default))!;
                await house.Store.Append(record, Driving.Machine.Stay(record, Clock.GetUtcNow(), $"Event {number}.", ("number", number)), default);
            }

            await Hear(scope, new(started.Id, number, Clock.GetUtcNow(), DeploymentPhase.Admitted, $"Event {number}.", new Dictionary<string, string>()));
        }

        return started.Id;
    }

    public Task Hear(ScopeRef scope, DeploymentEvent news) => Get<FanOut>().Handle(new(news.Deployment, scope, news), default);

    /// <summary>Runs the courier until this holds.</summary>
    public async Task Until(Func<Task<bool>> holds, string because) => await Eventually.True(
        async () =>
        {
            await Get<Courier>().Pass(0, default);
            return await holds();
        },
        because: because);

    public async Task<IReadOnlyList<DeliveryView>> List(string webhook, DeliveryState state) =>
        await Get<DeliveryList>().List(webhook, state, null, 1000, default);

    public async Task Settled(string webhook, DeliveryState state, int count) => await Until(
        async () => (await List(webhook, state)).Count == count, $"{count} deliveries of {webhook} are {state}");

    public async ValueTask DisposeAsync()
    {
        await Get<Courier>().StopAsync(default);
        await _host.DisposeAsync();
    }
}
