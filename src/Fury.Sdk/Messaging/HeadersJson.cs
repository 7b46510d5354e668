using System.Text.Json;
using System.Text.Json.Serialization;

namespace Fury.Sdk.Messaging;

/// <summary>Headers as one text, for providers that keep a message as bytes.</summary>
[JsonSerializable(typeof(IReadOnlyDictionary<string, string>))]
[JsonSerializable(typeof(Dictionary<string, string>))]
internal sealed partial class HeadersJson : JsonSerializerContext
{
    public static byte[] Write(IReadOnlyDictionary<string, string> headers) =>
        JsonSerializer.SerializeToUtf8Bytes(headers, Default.IReadOnlyDictionaryStringString);

    public static Dictionary<string, string> Read(ReadOnlySpan<byte> json) => JsonSerializer.Deserialize(json, Default.DictionaryStringString)!;
}
