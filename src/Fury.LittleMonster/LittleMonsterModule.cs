using Fury.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Fury.LittleMonster;

/// <summary>Durable sagas on PostgreSQL. Settings under <c>LittleMonster</c>; see <c>docs/little-monster.md</c>.</summary>
public sealed class LittleMonsterModule : IModule
{
    public string Name => "lm";

    public void AddServices(IServiceCollection services, IConfiguration settings)
    {
        var read = settings.GetSection("LittleMonster").Get<LittleMonsterSettings>() ?? new();
        if (read.Problem is { } problem)
        {
            throw new InvalidOperationException($"LittleMonster: {problem}.");
        }

        services.AddSingleton(read);
        services.AddSingleton(provider => new SagaRegistry(provider.GetServices<Saga>));
        services.AddSingleton<ISagaStore, SagaStore>();
        services.AddSingleton<IMembers, MembershipStore>();
        services.AddSingleton(provider => new SagaIdMint(provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new StepThreads(provider.GetRequiredService<LittleMonsterSettings>().StepsMax));
        services.AddSingleton(provider => new MonsterHost(
            new MonsterStores(
                provider.GetRequiredService<IMembers>(),
                provider.GetRequiredService<ISagaStore>(),
                host => new LaneStore(provider.GetRequiredService<IDatabase>().Source, host)),
            provider.GetRequiredService<SagaRegistry>(),
            provider.GetRequiredService<SagaIdMint>(),
            provider.GetRequiredService<LittleMonsterSettings>(),
            new MonsterWorld(
                provider.GetRequiredService<INode>().Name,
                provider.GetRequiredService<TimeProvider>(),
                Random.Shared, // tidy: the host is where chance comes from
                new Schedulers(TaskScheduler.Default, provider.GetRequiredService<StepThreads>())),
            provider.GetRequiredService<ILogger<MonsterHost>>()));
        services.AddHostedService(provider => provider.GetRequiredService<MonsterHost>());
        services.AddHealthChecks().AddCheck<IsMember>("lm.member", tags: ["ready"]);
        services.AddSingleton<SagaFinder>();
        services.AddSingleton<SagaRequests>();
        services.AddSingleton<ILittleMonster, LittleMonster>();
        services.AddHostedService<ScheduleRunner>();
        services.AddSingleton<LedgerStore>();
        services.AddSingleton<LedgerSweep>();
        services.AddHostedService(provider => provider.GetRequiredService<LedgerSweep>());
        services.AddSingleton(provider => new RemoveOrphan(provider.GetServices<ILedgerSource>));
        services.AddSingleton<Saga>(provider => provider.GetRequiredService<RemoveOrphan>());
        services.AddSingleton<DeskStore>();
        services.AddSingleton<ISagaDesk, SagaDesk>();
    }
}

public static class SagaServices
{
    /// <summary>Makes a kind of saga known to this host. A singleton: what it is constructed with must be too.</summary>
    public static IServiceCollection AddSaga<TSaga>(this IServiceCollection services)
        where TSaga : Saga =>
        services.AddSingleton<TSaga>().AddSingleton<Saga>(provider => provider.GetRequiredService<TSaga>());

    /// <summary>
    /// Starts a saga by the clock, once for each occurrence however many hosts there are. Occurrences of a time that a change to summer time
    /// leaves out come right after it; those of an hour that comes twice come once. Throws <see cref="InvalidOperationException"/> when
    /// <paramref name="cron"/> or <paramref name="timeZone"/> is not one.
    /// </summary>
    /// <param name="name">Permanent and unique, at most 80 characters; it is in the start keys.</param>
    /// <param name="cron">Five fields: minute, hour, day of month, month, day of week.</param>
    /// <param name="timeZone">An IANA name, e.g. <c>Europe/Madrid</c>.</param>
    public static IServiceCollection AddSagaSchedule<TSaga, TInput>(
        this IServiceCollection services, string name, string cron, string timeZone, TInput input)
        where TSaga : Saga<TInput>
        where TInput : notnull => services.AddSingleton(new SagaSchedule(
            name, cron, timeZone, (sagas, key, cancellation) => sagas.Start<TSaga, TInput>(key, input, cancellation)));
}
