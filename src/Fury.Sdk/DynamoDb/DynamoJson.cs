using System.Text.Json.Serialization;

namespace Fury.Sdk.DynamoDb;

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(DynamoGet))]
[JsonSerializable(typeof(DynamoPut))]
[JsonSerializable(typeof(DynamoDelete))]
[JsonSerializable(typeof(DynamoQuery))]
[JsonSerializable(typeof(DynamoScan))]
[JsonSerializable(typeof(DynamoTable))]
[JsonSerializable(typeof(Dictionary<string, DynamoValue>))]
[JsonSerializable(typeof(DynamoFound))]
[JsonSerializable(typeof(DynamoPage))]
[JsonSerializable(typeof(DynamoGone))]
[JsonSerializable(typeof(DynamoNothing))]
internal sealed partial class DynamoJson : JsonSerializerContext;

/// <summary>A text, a number as text, or bytes.</summary>
internal sealed record DynamoValue(string? S = null, string? N = null, byte[]? B = null);

internal sealed record DynamoGet(string TableName, Dictionary<string, DynamoValue> Key, bool ConsistentRead);

internal sealed record DynamoPut(
    string TableName, Dictionary<string, DynamoValue> Item, string? ConditionExpression, Dictionary<string, DynamoValue>? ExpressionAttributeValues);

internal sealed record DynamoDelete(
    string TableName, Dictionary<string, DynamoValue> Key, string? ConditionExpression, Dictionary<string, DynamoValue>? ExpressionAttributeValues,
    string ReturnValues = "ALL_OLD");

internal sealed record DynamoQuery(
    string TableName, string KeyConditionExpression, Dictionary<string, DynamoValue> ExpressionAttributeValues,
    Dictionary<string, DynamoValue>? ExclusiveStartKey, int Limit, bool ConsistentRead = true);

internal sealed record DynamoScan(
    string TableName, string? FilterExpression, Dictionary<string, DynamoValue>? ExpressionAttributeValues,
    Dictionary<string, DynamoValue>? ExclusiveStartKey, int Limit, string ProjectionExpression = "p, s", bool ConsistentRead = true);

internal sealed record DynamoTable(string TableName);

internal sealed record DynamoFound(Dictionary<string, DynamoValue>? Item);

internal sealed record DynamoPage(IReadOnlyList<Dictionary<string, DynamoValue>>? Items, Dictionary<string, DynamoValue>? LastEvaluatedKey);

internal sealed record DynamoGone(Dictionary<string, DynamoValue>? Attributes);

internal sealed record DynamoNothing;
