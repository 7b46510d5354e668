using System.Text.Json.Serialization;

namespace Fury.Sdk.Kinesis;

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(KinesisName))]
[JsonSerializable(typeof(KinesisDescribed))]
[JsonSerializable(typeof(KinesisPut))]
[JsonSerializable(typeof(KinesisStored))]
[JsonSerializable(typeof(KinesisFrom))]
[JsonSerializable(typeof(KinesisIterator))]
[JsonSerializable(typeof(KinesisGet))]
[JsonSerializable(typeof(KinesisPage))]
internal sealed partial class KinesisJson : JsonSerializerContext;

internal sealed record KinesisName(string StreamName, string? ExclusiveStartShardId = null);

internal sealed record KinesisShard(string ShardId);

internal sealed record KinesisStreamState(string StreamStatus, IReadOnlyList<KinesisShard> Shards, bool HasMoreShards);

internal sealed record KinesisDescribed(KinesisStreamState StreamDescription);

internal sealed record KinesisPut(string StreamName, string PartitionKey, byte[] Data);

internal sealed record KinesisStored(string SequenceNumber);

internal sealed record KinesisFrom(string StreamName, string ShardId, string ShardIteratorType, string? StartingSequenceNumber);

internal sealed record KinesisIterator(string ShardIterator);

internal sealed record KinesisGet(string ShardIterator, int Limit);

/// <param name="ApproximateArrivalTimestamp">Seconds since 1970.</param>
internal sealed record KinesisRecord(string SequenceNumber, string PartitionKey, byte[]? Data, double ApproximateArrivalTimestamp);

internal sealed record KinesisPage(IReadOnlyList<KinesisRecord>? Records, string? NextShardIterator, long MillisBehindLatest);
