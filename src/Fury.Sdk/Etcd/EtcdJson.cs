using System.Text.Json.Serialization;

namespace Fury.Sdk.Etcd;

/// <summary>What is said over etcd's JSON gateway; bytes are base64, and what has its default is left out.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    NumberHandling = JsonNumberHandling.AllowReadingFromString,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(EtcdRange))]
[JsonSerializable(typeof(EtcdFound))]
[JsonSerializable(typeof(EtcdTransaction))]
[JsonSerializable(typeof(EtcdOutcome))]
[JsonSerializable(typeof(EtcdLease))]
[JsonSerializable(typeof(EtcdWatch))]
[JsonSerializable(typeof(EtcdNews))]
[JsonSerializable(typeof(EtcdRefusal))]
[JsonSerializable(typeof(EtcdSignIn))]
[JsonSerializable(typeof(EtcdSignedIn))]
internal sealed partial class EtcdJson : JsonSerializerContext;

internal sealed record EtcdSignIn(string Name, string Password)
{
    public override string ToString() => $"EtcdSignIn({Name}, hidden)";
}

internal sealed record EtcdSignedIn(string? Token)
{
    public override string ToString() => "EtcdSignedIn(hidden)";
}

internal sealed record EtcdEntry(byte[]? Key, byte[]? Value, long CreateRevision, long ModRevision, long Lease)
{
    public byte[] Bytes => Value ?? [];
}

internal sealed record EtcdHeader(long Revision);

/// <param name="RangeEnd">The first key that is not meant; null for one key.</param>
internal sealed record EtcdRange(byte[] Key, byte[]? RangeEnd = null, long? Limit = null, bool? Serializable = null);

internal sealed record EtcdFound(EtcdHeader? Header, IReadOnlyList<EtcdEntry>? Kvs)
{
    public IReadOnlyList<EtcdEntry> Entries => Kvs ?? [];
}

internal sealed record EtcdPut(byte[] Key, byte[] Value, long? Lease = null);

internal sealed record EtcdStep(EtcdRange? RequestRange = null, EtcdPut? RequestPut = null, EtcdRange? RequestDeleteRange = null);

/// <param name="Target">What is compared: <c>CREATE</c>, <c>MOD</c> (revisions, 0 for what is not there) or <c>VALUE</c>.</param>
internal sealed record EtcdCompare(
    string Target, byte[] Key, long? CreateRevision = null, long? ModRevision = null, byte[]? Value = null, string Result = "EQUAL")
{
    public static EtcdCompare Absent(byte[] key) => new("CREATE", key, CreateRevision: 0);

    public static EtcdCompare At(byte[] key, long revision) => new("MOD", key, ModRevision: revision);

    public static EtcdCompare Is(byte[] key, byte[] value) => new("VALUE", key, Value: value);
}

internal sealed record EtcdTransaction(
    IReadOnlyList<EtcdCompare> Compare, IReadOnlyList<EtcdStep> Success, IReadOnlyList<EtcdStep>? Failure = null);

internal sealed record EtcdDeleted(long Deleted);

internal sealed record EtcdStepOutcome(EtcdFound? ResponseRange, EtcdDeleted? ResponseDeleteRange);

internal sealed record EtcdOutcome(EtcdHeader Header, bool Succeeded, IReadOnlyList<EtcdStepOutcome>? Responses);

/// <param name="TimeToLive">Whole seconds, rounded down; -1 for a lease that is gone.</param>
internal sealed record EtcdLease(
    [property: JsonPropertyName("ID")] long Id, [property: JsonPropertyName("TTL")] long TimeToLive = 0);

internal sealed record EtcdWatchFrom(byte[] Key, byte[] RangeEnd, long StartRevision);

internal sealed record EtcdWatch(EtcdWatchFrom CreateRequest);

internal sealed record EtcdChange(EtcdEntry? Kv);

internal sealed record EtcdWatched(bool Canceled, IReadOnlyList<EtcdChange>? Events);

internal sealed record EtcdNews(EtcdWatched? Result, EtcdRefusal? Error);

/// <param name="Code">As of gRPC.</param>
internal sealed record EtcdRefusal(string? Message, int Code);
