using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Fury.Sdk.Drivers;

namespace Fury.Sdk.Objects;

/// <summary>The id of an upload to a provider that is told the headers at the commit: it carries them.</summary>
/// <param name="Unique">32 digits; what the parts are named by.</param>
internal sealed record UploadId(string Unique, ObjectHeaders Headers)
{
    private const char Divider = '.';

    public static string New(ObjectHeaders headers) => $"{RandomNumberGenerator.GetHexString(32)}{Divider}"
        + Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(headers, UploadJson.Default.ObjectHeaders));

    public static UploadId Read(string upload) => upload.Split(Divider) is [var unique, var headers]
        ? new UploadId(unique, JsonSerializer.Deserialize(Base64Url.DecodeFromChars(headers), UploadJson.Default.ObjectHeaders)!)
        : throw Failure.Invalid("The upload is none of this provider; begin again.");
}

[JsonSerializable(typeof(ObjectHeaders))]
internal sealed partial class UploadJson : JsonSerializerContext;
