using System.Text.Json;
using Fury.Kernel;

namespace Fury.LittleMonster;

/// <summary>What the rows of the inbox say.</summary>
internal static class Inbox
{
    public static byte[] Order(SagaOrder order) => Write(order);

    public static byte[] Signal(string name, JsonElement value) => Write(new SignalRequest(name, value));

    public static SagaEvent Event(InboxRow row) => (InboxKind)row.Kind switch
    {
        InboxKind.Cancel => new SagaEvent.CancelAsked(ReadOrder(row)),
        InboxKind.Retry => new SagaEvent.RetryAsked(ReadOrder(row)),
        InboxKind.Skip => new SagaEvent.SkipAsked(ReadOrder(row)),
        InboxKind.Revert => new SagaEvent.RevertAsked(ReadOrder(row)),
        InboxKind.Signal when JsonSerializer.Deserialize<SignalRequest>(row.Payload, FuryJson.Options) is { } signal =>
            new SagaEvent.SignalCame(signal.Name, JsonSerializer.SerializeToUtf8Bytes(signal.Value)),
        _ => throw new JsonException($"Kind {row.Kind} is not known here."),
    };

    /// <summary>For rows that are taken away on behalf of no saga.</summary>
    public static SagaRecord Nobody(short shard) => new()
    {
        Id = default,
        Shard = shard,
        Key = "",
        Name = "",
        Version = 0,
        StartedAt = default,
        Deadline = default,
        Input = default,
        State = SagaState.Completed,
    };

    private static SagaOrder ReadOrder(InboxRow row) => JsonSerializer.Deserialize<SagaOrder>(row.Payload, FuryJson.Options)!;

    private static byte[] Write<T>(T request) => JsonSerializer.SerializeToUtf8Bytes(request, FuryJson.Options);

    private sealed record SignalRequest(string Name, JsonElement Value);
}
