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
        if (!read.IsValid)
        {
            throw new InvalidOperationException(
                "LittleMonster: Lease must be 00:00:01 to 00:05:00, Lanes 1 to 8, StepsMax 1 to 10000, StopGrace not below zero.");
        }

        services.AddSingleton(read);
        services.AddSingleton(provider => new SagaRegistry(provider.GetServices<Saga>));
        services.AddSingleton<SagaStore>();
        services.AddSingleton(provider => new SagaIdMint(
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<INode>().Incarnation.GetHashCode()));
        services.AddSingleton(provider => new MonsterHost(
            provider.GetRequiredService<IDatabase>(),
            provider.GetRequiredService<SagaStore>(),
            provider.GetRequiredService<SagaRegistry>(),
            provider.GetRequiredService<SagaIdMint>(),
            provider.GetRequiredService<LittleMonsterSettings>(),
            provider.GetRequiredService<INode>().Name,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<MonsterHost>>()));
        services.AddHostedService(provider => provider.GetRequiredService<MonsterHost>());
        services.AddHealthChecks().AddCheck<IsMember>("lm.member", tags: ["ready"]);
        services.AddSingleton<ILittleMonster, LittleMonster>();
    }
}

public static class SagaServices
{
    /// <summary>Makes a kind of saga known to this host. A singleton: what it is constructed with must be too.</summary>
    public static IServiceCollection AddSaga<TSaga>(this IServiceCollection services)
        where TSaga : Saga =>
        services.AddSingleton<TSaga>().AddSingleton<Saga>(provider => provider.GetRequiredService<TSaga>());
}
