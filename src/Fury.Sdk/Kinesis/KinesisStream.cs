using System.Buffers.Binary;
using Fury.Sdk.Aws;
using Fury.Sdk.Drivers;
using Fury.Sdk.Messaging;
using Fury.Sdk.Streams;

namespace Fury.Sdk.Kinesis;

/// <summary>
/// Partitions are shards, positions their sequence numbers. The data of a record begins with the length of its headers and these, since Kinesis has
/// none. Kinesis keeps no positions of groups, so there are none.
/// </summary>
internal sealed class KinesisStream(DriverContext context) : IStreamDriver
{
    private const int LengthBytes = 4;

    /// <summary>A shard may be asked five times a second.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200);

    private readonly AwsJsonClient _client = new(context, "Kinesis", "kinesis", "Kinesis_20131202", "1.1");
    private readonly string _name = context.Route.Resource;

    public string Provider => KinesisProvider.Name;

    public bool EndsAtOnce => true;

    public CapabilitySet Declared { get; } = CapabilitySet.Native();

    public async ValueTask ProbeAsync(CancellationToken cancellation) => await GetPartitionsAsync(cancellation);

    public async ValueTask<IReadOnlyList<string>> GetPartitionsAsync(CancellationToken cancellation)
    {
        List<string> partitions = [];
        while (true)
        {
            var ask = new KinesisName(_name, partitions.Count > 0 ? partitions[^1] : null);
            var described = await _client.Call(
                "DescribeStream", ask, KinesisJson.Default.KinesisName, KinesisJson.Default.KinesisDescribed, cancellation);
            partitions.AddRange(described.StreamDescription.Shards.Select(shard => shard.ShardId));
            if (!described.StreamDescription.HasMoreShards)
            {
                return partitions;
            }
        }
    }

    public async ValueTask<StreamPosition> AppendAsync(StreamAppend record, CancellationToken cancellation)
    {
        var headers = HeadersJson.Write(record.Headers);
        var length = new byte[LengthBytes];
        BinaryPrimitives.WriteInt32BigEndian(length, headers.Length);
        var put = new KinesisPut(_name, record.Key, [.. length, .. headers, .. record.Body.Span]);
        var stored = await _client.Call("PutRecord", put, KinesisJson.Default.KinesisPut, KinesisJson.Default.KinesisStored, cancellation);
        return new StreamPosition(stored.SequenceNumber);
    }

    public async ValueTask<IReadOnlyList<StreamRecord>> ReadAsync(
        string partition, StreamPosition after, int max, TimeSpan wait, CancellationToken cancellation)
    {
        var deadline = context.Clock.GetUtcNow() + wait;
        var from = string.IsNullOrEmpty(after.Value)
            ? new KinesisFrom(_name, partition, "TRIM_HORIZON", null)
            : new KinesisFrom(_name, partition, "AFTER_SEQUENCE_NUMBER", after.Value);
        var iterator = (await _client.Call(
            "GetShardIterator", from, KinesisJson.Default.KinesisFrom, KinesisJson.Default.KinesisIterator, cancellation)).ShardIterator;
        List<StreamRecord> records = [];
        while (true)
        {
            // A page may be empty, or small, although there is more.
            var get = new KinesisGet(iterator, max - records.Count);
            var page = await _client.Call("GetRecords", get, KinesisJson.Default.KinesisGet, KinesisJson.Default.KinesisPage, cancellation);
            records.AddRange((page.Records ?? []).Select(record => Record(partition, record)));
            var isEnd = page.MillisBehindLatest == 0 || page.NextShardIterator is null;
            var left = deadline - context.Clock.GetUtcNow();
            if (records.Count == max || (isEnd && (records.Count > 0 || left <= TimeSpan.Zero || page.NextShardIterator is null)))
            {
                return records;
            }

            iterator = page.NextShardIterator!;
            await Task.Delay(isEnd && left < Look ? left : Look, context.Clock, cancellation);
        }
    }

    public ValueTask<PartitionClaim?> ClaimAsync(
        string group, string partition, string member, TimeSpan lease, CancellationToken cancellation) => throw new NotSupportedException();

    public ValueTask ReleaseAsync(string group, string partition, string member, CancellationToken cancellation) => throw new NotSupportedException();

    public ValueTask<bool> CheckpointAsync(
        string group, string partition, long generation, StreamPosition position, CancellationToken cancellation) =>
        throw new NotSupportedException();

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }

    private static StreamRecord Record(string partition, KinesisRecord record)
    {
        var data = record.Data.AsMemory();
        var length = BinaryPrimitives.ReadInt32BigEndian(data.Span);
        return new StreamRecord(
            partition,
            new StreamPosition(record.SequenceNumber),
            record.PartitionKey,
            data[(LengthBytes + length)..],
            DateTimeOffset.FromUnixTimeMilliseconds((long)(record.ApproximateArrivalTimestamp * 1000)),
            HeadersJson.Read(data.Span.Slice(LengthBytes, length)));
    }
}
