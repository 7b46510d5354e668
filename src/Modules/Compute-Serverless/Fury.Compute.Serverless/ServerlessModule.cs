using Fury.ClusterApi.Contracts;
using Fury.Compute.Contracts;
using Fury.Compute.Serverless.Evacuation;
using Fury.Compute.Serverless.Jobs;
using Fury.Compute.Serverless.Jobs.Schedules;
using Fury.Compute.Serverless.Placement;
using Fury.Compute.Serverless.Pools;
using Fury.Compute.Serverless.Registry;
using Fury.Compute.Serverless.Upgrades;
using Fury.Compute.Serverless.Usage;
using Fury.Compute.Serverless.Watching;
using Fury.Hosting;
using Fury.LittleMonster;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Fury.Compute.Serverless;

/// <summary>The engine in which replicas are pods in the best of many clusters.</summary>
public sealed class ServerlessModule : IModule
{
    public string Name => "serverless";

    public void AddServices(IServiceCollection services, IConfiguration settings)
    {
        services.AddPluralRoles<ServerlessModule>();
        services.AddSingleton<IReservationStore, ReservationStore>();
        services.AddSingleton<ManagedClusters>();
        services.AddSingleton<IManagedClusters>(provider => provider.GetRequiredService<ManagedClusters>());
        services.AddSingleton<PlacementDesk>();
        services.AddSingleton<IPoolStore, PoolStore>();
        services.AddSingleton<PoolMover>();
        services.AddSingleton<Evacuator>();
        services.AddSingleton<RunStore>();
        services.AddSingleton<IRunStore>(provider => provider.GetRequiredService<RunStore>());
        services.AddSingleton<RunPlacer>();
        services.AddSingleton<RunLines>();
        services.AddSingleton<JobDesk>();
        services.AddSingleton<JobLogs>();
        services.AddSingleton<ScheduleStore>();
        services.AddSingleton<ClusterStore>();
        services.AddSingleton<CapacityStore>();
        services.AddSingleton<WatchStore>();
        services.AddSingleton<UsageReader>();
        services.AddSingleton<IUpgradeStore, UpgradeStore>();
        services.AddSingleton<UpgradeDesk>();
        services.AddSingleton<UpgradeSight>();
        services.AddSingleton<IComputeEngine, ServerlessCompute>();
        services.AddSaga<ApplyShare>();
        services.AddSaga<RemoveShare>();
        services.AddSaga<EndReplica>();
        services.AddSaga<RunJob>();
    }
}
