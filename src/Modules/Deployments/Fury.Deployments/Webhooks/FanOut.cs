using Fury.Catalog.Contracts;
using Fury.Deployments.Contracts;
using Fury.Hosting;
using Fury.Kernel;

namespace Fury.Deployments.Webhooks;

/// <summary>Each event of a deployment becomes a delivery for each webhook that wants it.</summary>
internal sealed class FanOut(ICatalog catalog, DeliveryStore deliveries, IWake wake, TimeProvider clock) : IEventListener<DeploymentAdvanced>
{
    public async Task Handle(DeploymentAdvanced news, CancellationToken cancellation)
    {
        var application = await catalog.FindApplication(news.Scope.Application, cancellation);
        if (!application.IsOk)
        {
            throw new InvalidOperationException($"The owner of {news.Scope} is not known: {application.Fault}");
        }

        await deliveries.Add(news.Scope, application.Value.Team, news.Event, clock.GetUtcNow(), cancellation);
        wake.Reconciler(Courier.ReconcilerName);
    }
}
