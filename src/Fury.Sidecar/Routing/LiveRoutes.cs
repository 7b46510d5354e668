using Fury.Sidecar.Forwarding;

namespace Fury.Sidecar.Routing;

/// <summary>The routing model in force, and the one door through which a request gets from it to an endpoint.</summary>
internal sealed class LiveRoutes(TimeProvider clock, Random random)
{
    private RoutingModel _current = RoutingModel.Unloaded;

    public RoutingModel Current => Volatile.Read(ref _current);

    /// <summary>
    /// Puts the next model in force. When it returns, no request can be routed by an older one, and every request that was is in the
    /// numbers in flight of its pool and endpoint: see <see cref="TryEnter"/>.
    /// </summary>
    public void Swap(RoutingModel next) => Interlocked.Exchange(ref _current, next);

    /// <summary>The scope of that host in the model in force; null when the host is unknown.</summary>
    public RoutedScope? Find(string host) => Current.ByHost.GetValueOrDefault(host);

    /// <summary>
    /// Chooses an endpoint and counts the request in, at the endpoint and its pool. The caller counts it out at both.
    /// </summary>
    /// <param name="scope">The scope that was chosen from, of one pool where the request wishes for that; null when the host is unknown.</param>
    public Choice? TryEnter(
        string host, Wish wish, IReadOnlyList<EndpointSlot> tried, PoolSlot? stay, PoolSlot? leave, out RoutedScope? scope)
    {
        while (true)
        {
            var model = Current;
            scope = model.ByHost.GetValueOrDefault(host);
            if (wish.Pool is { } pool)
            {
                scope = scope?.Alone?.GetValueOrDefault(pool);
            }

            if (scope is null || Choosing.Choose(scope, tried, stay, leave, clock.GetTimestamp(), random, wish.Key) is not { } choice)
            {
                return null;
            }

            choice.Pool.Slot.Begin();
            choice.Endpoint.Begin();

            // The race with Swap: counted in first (a full fence), then looked again. Either the swapper sees this request in flight, or
            // this request sees the newer model and chooses again.
            if (ReferenceEquals(model, Current))
            {
                return choice;
            }

            Leave(choice);
        }
    }

    public static void Leave(Choice choice)
    {
        choice.Endpoint.End();
        choice.Pool.Slot.End();
    }
}
