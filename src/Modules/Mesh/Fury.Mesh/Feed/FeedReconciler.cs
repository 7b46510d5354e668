using Fury.Hosting;

namespace Fury.Mesh.Feed;

/// <summary>
/// Brings this host's routes up to the database's: at once when woken by a change on any host, and every second in case a wake was lost.
/// </summary>
internal sealed class FeedReconciler(RoutingFeed feed) : IReconciler
{
    public const string WakeName = "mesh.feed";

    public string Name => WakeName;

    public TimeSpan Period => TimeSpan.FromSeconds(1);

    public bool OncePerPlatform => false;

    public Task Pass(long fence, CancellationToken cancellation) => feed.Refresh(cancellation);
}
