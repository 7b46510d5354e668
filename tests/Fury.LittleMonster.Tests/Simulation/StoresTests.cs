using Fury.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Fury.LittleMonster.Tests.Simulation;

public sealed class PostgresStoresTests : SagaStoreContract, IClassFixture<MonsterDatabase>
{
    private readonly ServiceProvider _services;

    public PostgresStoresTests(MonsterDatabase database)
    {
        _services = database.BuildServices(services => services.AddSingleton(new World()).AddSaga<LaunchSaga>());
        var source = _services.GetRequiredService<IDatabase>().Source;
        _services.GetRequiredService<IMembers>().EnsurePartitions(CancellationToken.None).GetAwaiter().GetResult();
        Stores = new StoresUnderTest(
            _services.GetRequiredService<ISagaStore>(),
            _services.GetRequiredService<IMembers>(),
            host => new LaneStore(source, host),
            _services.GetRequiredService<SagaRegistry>());
    }

    internal override StoresUnderTest Stores { get; }

    internal override ISagaStore Another => new SagaStore(_services.GetRequiredService<IDatabase>(), Stores.Registry);

    protected override Task Pass(TimeSpan time) => Task.Delay(time);
}

public sealed class SimulatedStoresTests : SagaStoreContract
{
    private readonly SimulatedPostgres _server;
    private TimeSpan _now;

    public SimulatedStoresTests()
    {
        _server = new SimulatedPostgres(() => _now, new Random(1));
        var registry = new SagaRegistry(() => [new LaunchSaga(new World())]);
        var stores = new SimulatedConnections(_server, new Instant(), registry);
        Stores = new StoresUnderTest(stores, stores, stores.Lane, registry);
    }

    internal override StoresUnderTest Stores { get; }

    internal override ISagaStore Another => new SimulatedConnections(_server, new Instant(), Stores.Registry);

    [Fact]
    public async Task Nobody_is_dead_within_a_lease_of_the_servers_start()
    {
        var lease = TimeSpan.FromSeconds(10);
        var (down, _) = await Stores.Join(lease: lease);
        var (keeper, _) = await Stores.Join(lease: lease);
        await Pass(lease * 3);
        _server.Restart();
        await Pass(lease / 2);
        await Stores.Members.Keep(keeper, lease, CancellationToken.None);
        await Stores.Members.Keep(down, lease, CancellationToken.None);
        await Pass(lease * 2);
        await Stores.Members.Keep(keeper, lease, CancellationToken.None);
        await Assert.ThrowsAsync<FencedException>(() => Stores.Members.Keep(down, lease, CancellationToken.None));
    }

    protected override Task Pass(TimeSpan time)
    {
        _now += time;
        return Task.CompletedTask;
    }

    /// <summary>No way is shorter.</summary>
    private sealed class Instant : IWire
    {
        private Action<string, string> _heard = (_, _) => { };

        public Task<T> Call<T>(TimeSpan timeout, Func<T> work, CancellationToken cancellation)
        {
            try
            {
                return Task.FromResult(work());
            }
            catch (Exception exception)
            {
                return Task.FromException<T>(exception);
            }
        }

        public Task Listen(IReadOnlyList<string> channels, Action begun, Action<string, string> heard, CancellationToken cancellation)
        {
            _heard += (channel, payload) =>
            {
                if (channels.Contains(channel))
                {
                    heard(channel, payload);
                }
            };
            begun();
            return Task.Delay(Timeout.Infinite, cancellation);
        }

        public void Notify(string channel, string payload) => _heard(channel, payload);
    }
}
