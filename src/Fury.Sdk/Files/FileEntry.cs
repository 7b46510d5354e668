using System.Text.Json;
using System.Text.Json.Serialization;
using Fury.Sdk.Drivers;
using Fury.Sdk.Objects;

namespace Fury.Sdk.Files;

/// <summary>What is kept beside the bytes of an object, which are in files of their own.</summary>
internal sealed record FileEntry(string Key, string ETag, DateTimeOffset LastModified, ObjectHeaders Headers, byte[] Sha256, IReadOnlyList<FilePart> Parts)
{
    [JsonIgnore]
    public ObjectProperties Properties => new(
        Key, Parts.Sum(part => part.Length), new ETag(ETag), Headers.ContentType, LastModified, Headers.Metadata)
    {
        Sha256 = Sha256,
        ContentEncoding = Headers.ContentEncoding,
        CacheControl = Headers.CacheControl,
        ContentDisposition = Headers.ContentDisposition,
        ExpiresAt = Headers.ExpiresAt,
    };

    public static FileEntry Read(byte[] text) => JsonSerializer.Deserialize(text, FilesJson.Default.FileEntry)!;

    public byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(this, FilesJson.Default.FileEntry);
}

/// <param name="File">Its name in the folder of the data.</param>
/// <param name="Length">Bytes.</param>
internal sealed record FilePart(string File, long Length);

/// <summary>An upload that was begun.</summary>
internal sealed record FileUpload(string Key, ObjectHeaders Headers);

[JsonSerializable(typeof(FileEntry))]
[JsonSerializable(typeof(FileUpload))]
internal sealed partial class FilesJson : JsonSerializerContext;
