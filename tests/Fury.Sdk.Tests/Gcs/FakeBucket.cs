using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Fury.Sdk.Checks;
using Fury.Testing.Clouds.Gcp;

namespace Fury.Sdk.Tests.Gcs;

[SuppressMessage("Security", "CA5351", Justification = "Cloud Storage compares by it; it keeps no secret.")]
internal sealed record FakeObject(string Name, long Generation, byte[] Content, JsonObject Resource, DateTimeOffset Updated, int Components)
{
    public string Sum { get; } = Crc32c(Content);

    public string? Text(string field) => Resource[field]?.GetValue<string>();

    public JsonObject Json()
    {
        var json = (JsonObject)Resource.DeepClone();
        json["kind"] = "storage#object";
        json["name"] = Name;
        json["generation"] = Generation.ToString(CultureInfo.InvariantCulture);
        json["metageneration"] = "1";
        json["size"] = Content.Length.ToString(CultureInfo.InvariantCulture);
        json["crc32c"] = Sum;
        json["updated"] = Updated.ToString("O", CultureInfo.InvariantCulture);
        // What was composed has no MD5.
        _ = Components > 0 ? json["componentCount"] = Components : json["md5Hash"] = Convert.ToBase64String(MD5.HashData(Content));
        return json;
    }

    /// <summary>By a table, as RFC 3720 has it; not by what the driver uses.</summary>
    public static string Crc32c(byte[] content)
    {
        var crc = uint.MaxValue;
        foreach (var each in content)
        {
            crc = Table[(crc ^ each) & 0xFF] ^ (crc >> 8);
        }

        var sum = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(sum, ~crc);
        return Convert.ToBase64String(sum);
    }

    private static readonly uint[] Table =
    [
        .. Enumerable.Range(0, 256).Select(value =>
        {
            var crc = (uint)value;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) != 0 ? 0x82F63B78 ^ (crc >> 1) : crc >> 1;
            }

            return crc;
        }),
    ];
}

/// <summary>One bucket of the fake: names, generations, conditions, pages, by what the reference of the JSON API says.</summary>
[SuppressMessage("Security", "CA5351", Justification = "Cloud Storage compares by it; it keeps no secret.")]
internal sealed class FakeBucket(string bucket)
{
    private const int MetadataBytesMax = 8 * 1024;
    private const int ComposeMax = 32;

    private static readonly string[] Writable =
        ["name", "contentType", "contentEncoding", "contentDisposition", "cacheControl", "metadata", "crc32c", "md5Hash"];

    private readonly Lock _gate = new();
    private readonly SortedList<string, FakeObject> _objects = new(Utf8Order.Instance);
    private readonly Dictionary<string, string> _rewrites = [];
    private long _generation = 1_700_000_000_000_000;

    public IReadOnlyList<string> Names
    {
        get
        {
            lock (_gate)
            {
                return [.. _objects.Keys];
            }
        }
    }

    public FakeObject? Find(string name)
    {
        lock (_gate)
        {
            return _objects.GetValueOrDefault(name);
        }
    }

    public FakeObject Get(string name) => Find(name) ?? throw new GoogleError(404, $"No such object: {bucket}/{name}", "notFound");

    public FakeObject Put(JsonObject resource, byte[] content, string? ifGenerationMatch)
    {
        Check(resource);
        var name = resource["name"]?.GetValue<string>() ?? throw new GoogleError(400, "Required", "required");
        CheckSum(resource, "crc32c", FakeObject.Crc32c(content));
        CheckSum(resource, "md5Hash", Convert.ToBase64String(MD5.HashData(content)));
        lock (_gate)
        {
            return Store(name, content, resource, 0, ifGenerationMatch);
        }
    }

    public void Delete(string name, string? ifGenerationMatch)
    {
        lock (_gate)
        {
            var there = Get(name);
            Holds(there, ifGenerationMatch);
            _objects.Remove(name);
        }
    }

    public FakeObject Compose(string name, JsonArray sources, JsonObject destination, string? ifGenerationMatch)
    {
        Check(destination);
        if (sources.Count is 0 or > ComposeMax)
        {
            throw new GoogleError(400, $"The number of source components provided ({sources.Count}) exceeds the maximum (32), or there is none.", "invalid");
        }

        lock (_gate)
        {
            List<FakeObject> parts = [];
            foreach (var source in sources)
            {
                var part = Get($"{source!["name"]}");
                if (source["generation"] is { } asked && $"{asked}" != $"{part.Generation}")
                {
                    throw new GoogleError(404, $"No such object: {bucket}/{part.Name}#{asked}", "notFound");
                }

                parts.Add(part);
            }

            using var content = new MemoryStream();
            parts.ForEach(part => content.Write(part.Content));
            return Store(name, content.ToArray(), destination, parts.Sum(part => Math.Max(1, part.Components)), ifGenerationMatch);
        }
    }

    /// <summary>Large ones are copied in several calls; here all are, in two. Null: it goes on with the token.</summary>
    public (FakeObject? Done, string? Token) Rewrite(string source, string target, string? token, string? ifGenerationMatch)
    {
        lock (_gate)
        {
            var from = Get(source);
            Holds(_objects.GetValueOrDefault(target), ifGenerationMatch);
            if (token is null)
            {
                var given = Guid.NewGuid().ToString("N");
                _rewrites[given] = $"{source}#{from.Generation}>{target}";
                return (null, given);
            }

            return _rewrites.Remove(token, out var what) && what == $"{source}#{from.Generation}>{target}"
                ? (Store(target, from.Content, from.Resource, from.Components, ifGenerationMatch), null)
                : throw new GoogleError(400, "Invalid rewrite token.", "invalid");
        }
    }

    /// <param name="token">The last name that was looked at.</param>
    public JsonObject List(string prefix, string delimiter, string from, string? token, int most)
    {
        JsonArray items = [];
        SortedSet<string> prefixes = new(Utf8Order.Instance);
        string? next = null;
        lock (_gate)
        {
            string? last = null;
            foreach (var (name, found) in _objects)
            {
                if (!name.StartsWith(prefix, StringComparison.Ordinal) || Utf8Order.Instance.Compare(name, from) < 0
                    || (token is not null && Utf8Order.Instance.Compare(name, token) <= 0))
                {
                    continue;
                }

                var cut = delimiter.Length == 0 ? -1 : name.IndexOf(delimiter, prefix.Length, StringComparison.Ordinal);
                var folder = cut < 0 ? null : name[..(cut + delimiter.Length)];
                if (items.Count + prefixes.Count == most && (folder is null || !prefixes.Contains(folder)))
                {
                    next = last;
                    break;
                }

                last = name;
                if (folder is null)
                {
                    items.Add(found.Json());
                }
                else
                {
                    prefixes.Add(folder);
                }
            }
        }

        var page = new JsonObject { ["kind"] = "storage#objects" };
        _ = items.Count > 0 ? page["items"] = items : null;
        _ = prefixes.Count > 0 ? page["prefixes"] = new JsonArray([.. prefixes.Select(each => (JsonNode)each)]) : null;
        _ = next is not null ? page["nextPageToken"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(next)) : null;
        return page;
    }

    private FakeObject Store(string name, byte[] content, JsonObject resource, int components, string? ifGenerationMatch)
    {
        if (Encoding.UTF8.GetByteCount(name) is 0 or > 1024 || name.AsSpan().ContainsAny('\r', '\n') || name is "." or ".."
            || name.StartsWith(".well-known/acme-challenge/", StringComparison.Ordinal))
        {
            throw new GoogleError(400, $"Invalid object name: '{name}'.", "invalid");
        }

        Holds(_objects.GetValueOrDefault(name), ifGenerationMatch);
        return _objects[name] = new FakeObject(name, ++_generation, content, (JsonObject)resource.DeepClone(), TimeProvider.System.GetUtcNow(), components);
    }

    private static void Holds(FakeObject? there, string? ifGenerationMatch)
    {
        if (ifGenerationMatch is null)
        {
            return;
        }

        if (!long.TryParse(ifGenerationMatch, CultureInfo.InvariantCulture, out var generation))
        {
            throw new GoogleError(400, $"Invalid value for: ifGenerationMatch, '{ifGenerationMatch}'.", "invalidParameter");
        }

        if ((there?.Generation ?? 0) != generation)
        {
            throw new GoogleError(412, "At least one of the pre-conditions you specified did not hold.", "conditionNotMet");
        }
    }

    private static void Check(JsonObject resource)
    {
        if (resource.Select(each => each.Key).FirstOrDefault(key => !Writable.Contains(key)) is { } unknown)
        {
            throw new GoogleError(400, $"Unknown or read-only field '{unknown}'.", "invalid");
        }

        if (resource["metadata"] is JsonObject metadata
            && metadata.Sum(each => each.Key.Length + Encoding.UTF8.GetByteCount($"{each.Value}")) > MetadataBytesMax)
        {
            throw new GoogleError(400, "Metadata part is too large.", "invalid");
        }
    }

    private static void CheckSum(JsonObject resource, string field, string right)
    {
        if (resource[field] is { } given && $"{given}" != right)
        {
            throw new GoogleError(400, $"Provided {field} \"{given}\" doesn't match calculated {field} \"{right}\".", "invalid");
        }
    }
}
