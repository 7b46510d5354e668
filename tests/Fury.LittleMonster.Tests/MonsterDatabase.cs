using Fury.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Fury.LittleMonster.Tests;

/// <summary>A database on which any number of hosts can run.</summary>
public sealed class MonsterDatabase : TestDatabase<LittleMonsterModule>
{
    internal Task<MonsterUnderTest> NewHost(
        World world,
        string? name = null,
        TimeSpan? lease = null,
        Action<MonsterHost>? before = null,
        bool knowsSagas = true,
        Action<IServiceCollection>? configure = null) => NewHost(
            services =>
            {
                services.AddSingleton(world);
                if (knowsSagas)
                {
                    services.AddSaga<LaunchSaga>().AddSaga<ThreeStepSaga>().AddSaga<PaySaga>();
                }

                configure?.Invoke(services);
            },
            name,
            new LittleMonsterSettings { Lease = lease ?? TimeSpan.FromSeconds(10) },
            before);

    /// <param name="sagas">Adds the sagas that this host knows, and what they act on.</param>
    /// <param name="name">A host of the same name takes over at once; a new name for each host when not given.</param>
    internal async Task<MonsterUnderTest> NewHost(
        Action<IServiceCollection> sagas,
        string? name = null,
        LittleMonsterSettings? settings = null,
        Action<MonsterHost>? before = null)
    {
        var services = BuildServices(services =>
        {
            services.Replace(ServiceDescriptor.Singleton(settings ?? new LittleMonsterSettings { Lease = TimeSpan.FromSeconds(10) }));
            if (name is not null)
            {
                services.Replace(ServiceDescriptor.Singleton<Fury.Hosting.INode>(new NamedNode(name)));
            }

            sagas(services);
        });
        var host = new MonsterUnderTest(services);
        before?.Invoke(host.Monster);
        await host.Monster.StartAsync(CancellationToken.None);
        return host;
    }

    public async Task<long> Count(string sql)
    {
        await using var command = Database.Source.CreateCommand(sql);
        return Convert.ToInt64(await command.ExecuteScalarAsync(), System.Globalization.CultureInfo.InvariantCulture);
    }

    private sealed record NamedNode(string Name) : Fury.Hosting.INode
    {
        public Guid Incarnation { get; } = Guid.CreateVersion7();

        public string DataFolder => Path.GetTempPath();
    }
}

internal sealed class MonsterUnderTest(ServiceProvider services) : IAsyncDisposable
{
    private bool _ended;

    public MonsterHost Monster { get; } = services.GetRequiredService<MonsterHost>();

    public ILittleMonster Sagas { get; } = services.GetRequiredService<ILittleMonster>();

    public ISagaDesk Desk { get; } = services.GetRequiredService<ISagaDesk>();

    public T Get<T>()
        where T : notnull => services.GetRequiredService<T>();

    public IEnumerable<T> All<T>() => services.GetServices<T>();

    /// <summary>As a crash would end it.</summary>
    public async Task Kill()
    {
        _ended = true;
        Monster.Kill();
        await Monster.StopAsync(CancellationToken.None);
        await services.DisposeAsync();
    }

    public async Task<SagaView> Run(string key, string? app = null)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var id = await Sagas.Start<LaunchSaga, Order>(key, new Order(app ?? key), timeout.Token);
        return (await Sagas.WaitFor(id.Value, timeout.Token)).Value;
    }

    /// <summary>As soon as the saga is in this state.</summary>
    public async Task<SagaView> In(SagaId id, SagaState state)
    {
        SagaView? last = null;
        await Eventually.True(
            async () => (last = (await Sagas.Find(id, CancellationToken.None)).Value).State == state, because: $"saga {id} is {state}");
        return last!;
    }

    public async Task<int> Owned() => Monster.Engine is { } engine ? await engine.OwnedCount() : 0;

    public async Task Joined() => await Eventually.True(async () => Monster.Engine is { } engine && await engine.OwnedCount() > 0);

    public async ValueTask DisposeAsync()
    {
        if (!_ended)
        {
            await Monster.StopAsync(CancellationToken.None);
            await services.DisposeAsync();
        }
    }
}
