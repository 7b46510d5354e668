using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Fury.Sdk.Http;
using Fury.Sdk.Tests.Fakes;
using Fury.Testing.Clouds.Gcp;
using Microsoft.AspNetCore.Http;

namespace Fury.Sdk.Tests.Secrets;

/// <summary>A fake of Google's Secret Manager by its REST API. Not Secret Manager itself.</summary>
public sealed partial class FakeSecretManager : FakeGoogleService
{
    private const int ValueBytesMax = 64 * 1024;
    private const int PageMax = 2;

    private readonly FakeVersions<string> _secrets = new(StringComparer.Ordinal);

    /// <summary>Values are told wrong from now on.</summary>
    public bool IsCorrupt { get; set; }

    /// <summary>Somebody else is always faster: what is not there when it is written to is there when it is made.</summary>
    public bool IsContended { get; set; }

    protected override async Task<JsonObject?> Call(HttpContext context, string[] path) => (context.Request.Method, path) switch
    {
        (var method, ["v1", "projects", FakeGoogle.Project, "secrets", .. var rest]) => (method, rest) switch
        {
            ("POST", []) => Make(Query(context, "secretId")("secretId"), Known(await Body(context.Request), "replication", "labels", "ttl")),
            ("GET", []) => List(Query(context, "pageSize", "pageToken", "filter")),
            ("POST", [var last]) when last.EndsWith(":addVersion", StringComparison.Ordinal) => Add(
                last[..^":addVersion".Length], Known(Known(await Body(context.Request), "payload")["payload"]?.AsObject(), "data", "dataCrc32c")),
            ("GET", [var secret, "versions", var last]) when last.EndsWith(":access", StringComparison.Ordinal) =>
                Access(secret, Find(secret, last[..^":access".Length])),
            ("GET", [var secret, "versions", var version]) => Version(secret, Find(secret, version)),
            _ => throw NotFound($"{method} {string.Join('/', path)}"),
        },
        _ => throw NotFound(string.Join('/', path)),
    };

    [GeneratedRegex(@"^[a-zA-Z0-9_-]{1,255}\z")]
    private static partial Regex Id { get; }

    private static GoogleError NotFound(string what) => new(404, $"Secret [{what}] not found or has no versions.", null, "NOT_FOUND");

    private static GoogleError Invalid(string message) => new(400, message, null, "INVALID_ARGUMENT");

    private static string Full(string secret) => $"projects/1/secrets/{secret}";

    private JsonObject Make(string? id, JsonObject secret)
    {
        if (id is null || !Id.IsMatch(id) || secret["replication"]?["automatic"] is not JsonObject)
        {
            throw Invalid($"Secret '{id}' must have an id of [a-zA-Z_-0-9], and say its replication.");
        }

        secret["name"] = Full(id);
        return !IsContended && _secrets.Make(id) ? secret : throw new GoogleError(409, $"Secret [{Full(id)}] already exists.", null, "ALREADY_EXISTS");
    }

    private JsonObject List(Func<string, string?> query)
    {
        var prefix = query("filter") is { } filter
            ? filter.StartsWith("name:", StringComparison.Ordinal) ? filter["name:".Length..] : throw Invalid($"Invalid filter '{filter}'.")
            : "";
        var from = query("pageToken") is { } token ? int.Parse(token, CultureInfo.InvariantCulture) : 0;
        // The sign means that it holds this, wherever.
        var all = _secrets.Names.Where(each => Full(each).Contains(prefix, StringComparison.Ordinal)).ToList();
        var page = new JsonObject { ["totalSize"] = all.Count };
        page["secrets"] = new JsonArray([.. all.Skip(from).Take(PageMax).Select(each => new JsonObject { ["name"] = Full(each) })]);
        _ = from + PageMax < all.Count ? page["nextPageToken"] = $"{from + PageMax}" : null;
        return page;
    }

    private JsonObject Add(string secret, JsonObject payload)
    {
        if (!_secrets.Has(secret))
        {
            throw NotFound(Full(secret));
        }

        var bytes = Convert.FromBase64String($"{payload["data"]}");
        if (bytes.Length > ValueBytesMax || (payload["dataCrc32c"] is { } sum && $"{sum}" != Sum(bytes)))
        {
            throw Invalid("The payload is larger than 64 KiB, or is not that of its checksum.");
        }

        return Version(secret, _secrets.Add(secret, count => $"{count}", $"{payload["data"]}"));
    }

    private FakeVersion<string> Find(string secret, string version) => version != "latest" && !version.All(char.IsAsciiDigit)
        ? throw Invalid($"'{version}' is no version.")
        : _secrets.Find(secret, version == "latest" ? null : version) ?? throw NotFound($"{Full(secret)}/versions/{version}");

    private static JsonObject Version(string secret, FakeVersion<string> version) => new()
    {
        ["name"] = $"{Full(secret)}/versions/{version.Id}",
        ["createTime"] = version.Created.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture),
        ["state"] = "ENABLED",
    };

    private JsonObject Access(string secret, FakeVersion<string> version) => new()
    {
        ["name"] = $"{Full(secret)}/versions/{version.Id}",
        ["payload"] = new JsonObject
        {
            ["data"] = version.Kept,
            ["dataCrc32c"] = IsCorrupt ? "1" : Sum(Convert.FromBase64String(version.Kept)),
        },
    };

    private static string Sum(byte[] bytes) => Crc32c.Of(bytes).ToString(CultureInfo.InvariantCulture);
}
