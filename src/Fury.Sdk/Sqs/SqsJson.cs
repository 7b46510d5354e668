using System.Text.Json.Serialization;

namespace Fury.Sdk.Sqs;

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SqsCreate))]
[JsonSerializable(typeof(SqsCreated))]
[JsonSerializable(typeof(SqsSend))]
[JsonSerializable(typeof(SqsReceive))]
[JsonSerializable(typeof(SqsReceived))]
[JsonSerializable(typeof(SqsSettle))]
[JsonSerializable(typeof(SqsAsk))]
[JsonSerializable(typeof(SqsSet))]
[JsonSerializable(typeof(SqsAttributes))]
[JsonSerializable(typeof(SqsNothing))]
internal sealed partial class SqsJson : JsonSerializerContext;

internal sealed record SqsCreate(string QueueName, Dictionary<string, string>? Attributes);

internal sealed record SqsCreated(string QueueUrl);

internal sealed record SqsValue(string DataType, byte[]? BinaryValue = null);

internal sealed record SqsSend(
    string QueueUrl, string MessageBody, Dictionary<string, SqsValue>? MessageAttributes, string? MessageGroupId, string? MessageDeduplicationId);

internal sealed record SqsReceive(
    string QueueUrl, int MaxNumberOfMessages, int VisibilityTimeout, int WaitTimeSeconds, string[] AttributeNames, string[] MessageAttributeNames);

internal sealed record SqsMessage(
    string ReceiptHandle, string Body, Dictionary<string, string>? Attributes, Dictionary<string, SqsValue>? MessageAttributes);

internal sealed record SqsReceived(IReadOnlyList<SqsMessage>? Messages);

internal sealed record SqsSettle(string QueueUrl, string ReceiptHandle, int? VisibilityTimeout = null);

internal sealed record SqsAsk(string QueueUrl, string[] AttributeNames);

internal sealed record SqsSet(string QueueUrl, Dictionary<string, string> Attributes);

internal sealed record SqsAttributes(Dictionary<string, string>? Attributes);

internal sealed record SqsNothing;
