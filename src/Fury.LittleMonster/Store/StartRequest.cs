using System.Text.Json;
using Fury.Kernel;

namespace Fury.LittleMonster;

/// <summary>A start on its way through the inbox: all that an owner needs, also one whose build does not know the definition.</summary>
internal sealed record StartRequest(
    short Definition, string Name, int Version, string Key, long DeadlineMs, JsonElement Input, SagaId? Parent = null, string? Trace = null)
{
    public static byte[] Write(short definition, SagaDefinition saga, SagaRecord blank) => JsonSerializer.SerializeToUtf8Bytes(
        new StartRequest(
            definition,
            saga.Name,
            saga.Version,
            blank.Key,
            (long)saga.Deadline.TotalMilliseconds,
            JsonSerializer.Deserialize<JsonElement>(blank.Input.Span),
            blank.Parent,
            blank.Trace),
        FuryJson.Options);

    public static StartRequest Read(ReadOnlySpan<byte> payload) => JsonSerializer.Deserialize<StartRequest>(payload, FuryJson.Options)!;

    public SagaRecord Blank(SagaId id, DateTimeOffset now) => new()
    {
        Id = id,
        Shard = SagaToken.Shard(Key),
        Key = Key,
        Name = Name,
        Version = Version,
        StartedAt = now,
        Deadline = now + TimeSpan.FromMilliseconds(DeadlineMs),
        Input = JsonSerializer.SerializeToUtf8Bytes(Input),
        Parent = Parent,
        Trace = Trace,
        State = SagaState.Running,
    };
}
