using System.Text.Json.Serialization;

namespace Fury.Sdk.Nats;

/// <summary>What is said with JetStream. Times are in ns.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(NatsHello))]
[JsonSerializable(typeof(NatsStreamConfig))]
[JsonSerializable(typeof(NatsConsumer))]
[JsonSerializable(typeof(NatsPull))]
[JsonSerializable(typeof(NatsGet))]
[JsonSerializable(typeof(NatsRemove))]
[JsonSerializable(typeof(NatsInfo))]
[JsonSerializable(typeof(NatsClaim))]
[JsonSerializable(typeof(NatsAnswer))]
internal sealed partial class NatsJson : JsonSerializerContext;

/// <summary>What a client says first.</summary>
internal sealed record NatsHello(
    string? User,
    string? Pass,
    bool Verbose = false,
    bool Pedantic = false,
    bool Headers = true,
    bool NoResponders = true,
    string Lang = "fury",
    string Version = "1",
    int Protocol = 1)
{
    public override string ToString() => $"NatsHello({User}, hidden)";
}

internal sealed record NatsStreamConfig(
    string Name, IReadOnlyList<string> Subjects, string Retention, long? MaxMsgsPerSubject = null, long? DuplicateWindow = null, string Storage = "file");

internal sealed record NatsConsumerConfig(
    string DurableName, long AckWait, string AckPolicy = "explicit", string DeliverPolicy = "all", long MaxDeliver = -1, long MaxAckPending = 65_536);

internal sealed record NatsConsumer(string StreamName, NatsConsumerConfig Config);

internal sealed record NatsPull(int Batch, long Expires);

/// <summary>The last message of a subject, or the first of it from a number on.</summary>
internal sealed record NatsGet(string? LastBySubj = null, string? NextBySubj = null, long? Seq = null);

/// <param name="SubjectsFilter">The subjects that the answer names.</param>
/// <param name="Offset">How many of them are known.</param>
internal sealed record NatsInfo(string? SubjectsFilter = null, int? Offset = null);

/// <summary>Who of a group has a partition, until when (ms), and how far the group is.</summary>
internal sealed record NatsClaim(string Member, long Generation, long Ends, long Checkpoint);

internal sealed record NatsRemove(long Seq);

internal sealed record NatsFailure(int Code, int ErrCode, string? Description);

/// <param name="Hdrs">Its headers, as they travel.</param>
internal sealed record NatsStored(long Seq, byte[]? Data, byte[]? Hdrs, DateTimeOffset Time);

/// <param name="Subjects">Those that were asked for, with the number of their messages.</param>
internal sealed record NatsState(long LastSeq, IReadOnlyDictionary<string, long>? Subjects);

/// <summary>All that is looked at in any answer.</summary>
internal sealed record NatsAnswer(NatsFailure? Error, long Seq, bool Duplicate, NatsStored? Message, long NumPending, long NumAckPending)
{
    public NatsState? State { get; init; }

    /// <summary>How many subjects there are, of which an answer may name some.</summary>
    public int Total { get; init; }
}
