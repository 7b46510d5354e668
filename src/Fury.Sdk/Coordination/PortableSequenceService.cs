using Fury.Sdk.Checks;
using Fury.Sdk.Drivers;

namespace Fury.Sdk.Coordination;

internal sealed class PortableSequenceService : SequenceService
{
    private const int CountMax = 1_000_000;

    // Reserved twice, a range is a gap, which is allowed.
    private static readonly Operation Reserve = new("reserve", Effect.Idempotent);
    private static readonly Operation Peek = new("peek", Effect.Read);

    private readonly ServiceChannel<ISequenceDriver> _channel;

    public PortableSequenceService(ServiceChannel<ISequenceDriver> channel)
        : base(channel.Service)
    {
        _channel = channel;
        Follow(channel);
    }

    public override async ValueTask<long> NextAsync(string sequence, CancellationToken cancellationToken = default) =>
        (await ReserveAsync(sequence, 1, cancellationToken)).First;

    public override async ValueTask<SequenceRange> ReserveAsync(string sequence, int count, CancellationToken cancellationToken = default)
    {
        Check.Key("sequence", sequence);
        Check.Between("count", count, 1, CountMax);
        var first = await _channel.Invoke(
            Reserve,
            null,
            (sequence, count),
            static (driver, _, state, stop) => driver.ReserveAsync(state.sequence, state.count, stop),
            cancellationToken);
        return new SequenceRange(first, count);
    }

    public override ValueTask<long> PeekAsync(string sequence, CancellationToken cancellationToken = default)
    {
        Check.Key("sequence", sequence);
        return _channel.Invoke(Peek, null, sequence, static (driver, _, name, stop) => driver.PeekAsync(name, stop), cancellationToken);
    }
}
