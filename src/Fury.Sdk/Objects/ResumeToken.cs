using System.Buffers.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Fury.Sdk.Checks;

namespace Fury.Sdk.Objects;

/// <summary>How far an upload is. It is good for the provider that it was begun on.</summary>
/// <param name="Sent">Bytes in the parts.</param>
internal sealed record ResumeToken(
    string Key, string Upload, IReadOnlyList<string> Tags, long Sent, string WriteId, WriteRule Rule, string Match, long Fence, string Provider)
{
    public ObjectWish Wish => new(
        Key,
        WriteId,
        Rule switch
        {
            WriteRule.IfAbsent => WriteCondition.IfAbsent,
            WriteRule.IfPresent => WriteCondition.IfPresent,
            WriteRule.IfMatch => WriteCondition.IfMatch(new ETag(Match)),
            _ => WriteCondition.None,
        },
        Fence);

    public string Encode() => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(this, ResumeJson.Default.ResumeToken));

    public static ResumeToken Decode(string? token)
    {
        try
        {
            return JsonSerializer.Deserialize(Base64Url.DecodeFromChars(token), ResumeJson.Default.ResumeToken)!;
        }
        catch (Exception wrong) when (wrong is FormatException or JsonException or ArgumentException)
        {
            throw Failure.Invalid($"resumeToken {Check.Show(token)} is none; take it from a writer as it is.");
        }
    }
}

[JsonSerializable(typeof(ResumeToken))]
internal sealed partial class ResumeJson : JsonSerializerContext;
