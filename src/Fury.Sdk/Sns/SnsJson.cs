using System.Text.Json;
using System.Text.Json.Serialization;

namespace Fury.Sdk.Sns;

internal sealed record SnsPrincipal(string Service);

internal sealed record SnsStatement(
    string Effect, SnsPrincipal Principal, string Action, string Resource, Dictionary<string, Dictionary<string, string>> Condition);

internal sealed record SnsPolicy(string Version, IReadOnlyList<SnsStatement> Statement);

[JsonSerializable(typeof(SnsPolicy))]
[JsonSerializable(typeof(Dictionary<string, string[]>))]
internal sealed partial class SnsJson : JsonSerializerContext
{
    /// <summary>Lets a topic write into a queue.</summary>
    public static string Policy(string queue, string topic) => JsonSerializer.Serialize(
        new SnsPolicy("2012-10-17",
        [
            new SnsStatement(
                "Allow", new SnsPrincipal("sns.amazonaws.com"), "sqs:SendMessage", queue, new() { ["ArnEquals"] = new() { ["aws:SourceArn"] = topic } }),
        ]),
        Default.SnsPolicy);

    /// <summary>What the headers of a message must be; null: nothing in particular.</summary>
    public static string? Filter(IReadOnlyDictionary<string, string> attributes) => attributes.Count == 0 ? null : JsonSerializer.Serialize(
        attributes.ToDictionary(each => Messaging.MessageEnvelope.Header(each.Key), each => new[] { each.Value }), Default.DictionaryStringStringArray);
}
