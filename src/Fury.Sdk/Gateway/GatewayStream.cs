using Fury.Sdk.Drivers;
using Fury.Sdk.Streams;

namespace Fury.Sdk.Gateway;

/// <summary>A stream behind the gateway.</summary>
internal sealed class GatewayStream(GatewayLine line) : GatewayDriver(line), IStreamDriver
{
    public async ValueTask<IReadOnlyList<string>> GetPartitionsAsync(CancellationToken cancellation) => await Line.Ask(
        "partitions", new WireWriter(), static from => from.List(static each => each.Text()), cancellation);

    public ValueTask<StreamPosition> AppendAsync(StreamAppend record, CancellationToken cancellation) => Line.Ask(
        "append", StreamWire.Append(new WireWriter(), record), StreamWire.Position, cancellation);

    public async ValueTask<IReadOnlyList<StreamRecord>> ReadAsync(
        string partition, StreamPosition after, int max, TimeSpan wait, CancellationToken cancellation) => await Line.Ask(
        "read",
        StreamWire.Position(new WireWriter().Text(partition), after).Number(max).Span(wait),
        static from => from.List(StreamWire.Record),
        cancellation);

    public ValueTask<PartitionClaim?> ClaimAsync(
        string group, string partition, string member, TimeSpan lease, CancellationToken cancellation) => Line.Ask(
        "claim",
        new WireWriter().Text(group).Text(partition).Text(member).Span(lease),
        static from => from.Yes() ? new PartitionClaim(from.Number(), StreamWire.Position(from)) : (PartitionClaim?)null,
        cancellation);

    public async ValueTask ReleaseAsync(string group, string partition, string member, CancellationToken cancellation) =>
        await Line.Do("release", new WireWriter().Text(group).Text(partition).Text(member), cancellation);

    public ValueTask<bool> CheckpointAsync(
        string group, string partition, long generation, StreamPosition position, CancellationToken cancellation) => Line.Ask(
        "checkpoint",
        StreamWire.Position(new WireWriter().Text(group).Text(partition).Number(generation), position),
        static from => from.Yes(),
        cancellation);
}

/// <summary>Records and positions of streams in frames.</summary>
internal static class StreamWire
{
    public static WireWriter Append(WireWriter to, StreamAppend record) => to.Text(record.Key).Bytes(record.Body).Map(record.Headers);

    public static StreamAppend Append(WireReader from) => new(from.Text(), from.Bytes()) { Headers = from.Map() };

    public static WireWriter Position(WireWriter to, StreamPosition position) => to.Text(position.Value ?? "");

    public static StreamPosition Position(WireReader from) => new(from.Text());

    public static WireWriter Record(WireWriter to, StreamRecord record) => Position(to.Text(record.Partition), record.Position)
        .Text(record.Key)
        .Bytes(record.Body)
        .Time(record.Timestamp)
        .Map(record.Headers);

    public static StreamRecord Record(WireReader from) => new(from.Text(), Position(from), from.Text(), from.Bytes(), from.Time(), from.Map());
}
