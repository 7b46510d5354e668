using System.Text.Json.Serialization;

namespace Fury.Sdk.PubSub;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PubSubNothing))]
[JsonSerializable(typeof(PubSubSubscription))]
[JsonSerializable(typeof(PubSubPublish))]
[JsonSerializable(typeof(PubSubPull))]
[JsonSerializable(typeof(PubSubPulled))]
[JsonSerializable(typeof(PubSubSettle))]
internal sealed partial class PubSubJson : JsonSerializerContext;

internal sealed record PubSubNothing;

internal sealed record PubSubDeadLetters(string DeadLetterTopic, int MaxDeliveryAttempts);

/// <param name="ExpirationPolicy">Without an end in it: it never expires.</param>
internal sealed record PubSubSubscription(
    string Topic, int AckDeadlineSeconds, string? MessageRetentionDuration, PubSubNothing? ExpirationPolicy, string? Filter,
    PubSubDeadLetters? DeadLetterPolicy);

internal sealed record PubSubMessage(byte[] Data, Dictionary<string, string>? Attributes, DateTimeOffset? PublishTime = null);

internal sealed record PubSubPublish(IReadOnlyList<PubSubMessage> Messages);

internal sealed record PubSubPull(int MaxMessages, bool ReturnImmediately);

internal sealed record PubSubReceived(string AckId, PubSubMessage Message, int DeliveryAttempt);

internal sealed record PubSubPulled(IReadOnlyList<PubSubReceived>? ReceivedMessages);

internal sealed record PubSubSettle(string[] AckIds, int? AckDeadlineSeconds = null);
