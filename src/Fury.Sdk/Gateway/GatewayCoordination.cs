using Fury.Sdk.Drivers;

namespace Fury.Sdk.Gateway;

/// <summary>Locks behind the gateway.</summary>
internal sealed class GatewayLocks(GatewayLine line) : GatewayDriver(line), ILockDriver
{
    public ValueTask<LockGrant?> TryAcquireAsync(string resource, string owner, TimeSpan lease, CancellationToken cancellation) => Line.Ask(
        "acquire",
        new WireWriter().Text(resource).Text(owner).Span(lease),
        static from => from.Yes() ? new LockGrant(from.Number(), from.Time()) : (LockGrant?)null,
        cancellation);

    public ValueTask<DateTimeOffset?> RenewAsync(string resource, string owner, TimeSpan lease, CancellationToken cancellation) => Line.Ask(
        "renew", new WireWriter().Text(resource).Text(owner).Span(lease), static from => from.TimeOrNull(), cancellation);

    public async ValueTask ReleaseAsync(string resource, string owner, CancellationToken cancellation) =>
        await Line.Do("release", new WireWriter().Text(resource).Text(owner), cancellation);

    public ValueTask<DateTimeOffset?> PeekAsync(string resource, CancellationToken cancellation) => Line.Ask(
        "peek", new WireWriter().Text(resource), static from => from.TimeOrNull(), cancellation);

    public async ValueTask RaiseAsync(string resource, long floor, CancellationToken cancellation) =>
        await Line.Do("raise", new WireWriter().Text(resource).Number(floor), cancellation);
}

/// <summary>Sequences behind the gateway.</summary>
internal sealed class GatewaySequences(GatewayLine line) : GatewayDriver(line), ISequenceDriver
{
    public ValueTask<long> ReserveAsync(string sequence, long count, CancellationToken cancellation) => Line.Ask(
        "reserve", new WireWriter().Text(sequence).Number(count), static from => from.Number(), cancellation);

    public ValueTask<long> PeekAsync(string sequence, CancellationToken cancellation) => Line.Ask(
        "peek", new WireWriter().Text(sequence), static from => from.Number(), cancellation);

    public async ValueTask RaiseAsync(string sequence, long floor, CancellationToken cancellation) =>
        await Line.Do("raise", new WireWriter().Text(sequence).Number(floor), cancellation);
}
