using Fury.Sdk.Drivers;

namespace Fury.Sdk.Testing;

/// <summary>
/// Does what every provider may do and few do on a good day: messages twice, unordered ones in another order, fewer than asked for, a forgetful cache,
/// a throttled call now and then. An application that only works on good days fails here. Its chance has a seed.
/// </summary>
internal sealed class Adversary(int seed)
{
    private readonly Lock _gate = new();
    private readonly Random _random = new(seed);

    public async ValueTask<object?> Intercept(DriverCall call, Func<ValueTask<object?>> next)
    {
        if (Chance(0.03) && call.Operation != nameof(IDriver.ProbeAsync))
        {
            throw new FuryException(FuryErrorCode.Throttled, "The adversary throttles this one.") { IsTransient = true };
        }

        switch (call.Operation)
        {
            case nameof(IQueueDriver.SendAsync) or nameof(ITopicDriver.PublishAsync)
                when call.Arguments[0] is DriverMessage { DeduplicationId: null, OrderingKey: null } && Chance(0.2):
                await next();
                return await next();
            case nameof(IQueueDriver.ReceiveAsync) when call.Arguments[1] is int max && max > 1:
                call.Arguments[1] = Next(1, max + 1);
                return Shuffled((IReadOnlyList<DriverDelivery>)(await next())!);
            case nameof(ICacheDriver.GetAsync) when call.Arguments[0] is string && call.Arguments.Length == 2 && Chance(0.2):
                return await next() is ReadOnlyMemory<byte> ? null : await next();
            default:
                return await next();
        }
    }

    /// <summary>In another order, but for those with an ordering key.</summary>
    private List<DriverDelivery> Shuffled(IReadOnlyList<DriverDelivery> deliveries) =>
    [
        .. deliveries.Where(each => each.Message.OrderingKey is not null),
        .. deliveries.Where(each => each.Message.OrderingKey is null).OrderBy(_ => Next(0, 1000)),
    ];

    private bool Chance(double share)
    {
        lock (_gate)
        {
            return _random.NextDouble() < share;
        }
    }

    private int Next(int from, int below)
    {
        lock (_gate)
        {
            return _random.Next(from, below);
        }
    }
}
