using Fury.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Fury.LittleMonster;

/// <summary>Durable sagas on PostgreSQL. Settings under <c>LittleMonster</c>; see <c>docs/little-monster.md</c>.</summary>
public sealed class LittleMonsterModule : IModule
{
    public string Name => "lm";

    public void AddServices(IServiceCollection services, IConfiguration settings)
    {
    }
}

public static class SagaServices
{
    /// <summary>Makes a kind of saga known to this host. A singleton: what it is constructed with must be too.</summary>
    public static IServiceCollection AddSaga<TSaga>(this IServiceCollection services)
        where TSaga : Saga =>
        services.AddSingleton<TSaga>().AddSingleton<Saga>(provider => provider.GetRequiredService<TSaga>());
}
