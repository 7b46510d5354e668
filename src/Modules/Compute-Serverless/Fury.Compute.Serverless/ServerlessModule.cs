using Fury.Compute.Serverless.Placement;
using Fury.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Fury.Compute.Serverless;

/// <summary>The engine in which replicas are pods in the best of many clusters.</summary>
public sealed class ServerlessModule : IModule
{
    public string Name => "serverless";

    public void AddServices(IServiceCollection services, IConfiguration settings)
    {
        services.AddSingleton<IReservationStore, ReservationStore>();
    }
}
