using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Fury.Cli.Tests;

/// <summary>A host that keeps what is put and asks for ETags, as the real one does.</summary>
internal sealed class FakeManifestHost : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, JsonObject> _kept = new();

    /// <summary>Even to read a node changes it, when it is read first.</summary>
    private readonly Lock _gate = new();

    private FakeManifestHost(FakeApi api)
    {
        Api = api;
        api.Otherwise = Handle;
    }

    public FakeApi Api { get; }

    /// <summary>Every change that was made, e.g. <c>PUT applications/shop</c>.</summary>
    public ConcurrentQueue<string> Changes { get; } = new();

    /// <summary>What was put last, as it came: of a secret nothing is kept.</summary>
    public string Sent { get; private set; } = "";

    /// <summary>A path whose change is refused.</summary>
    public string? Refused { get; set; }

    /// <summary>Called before a change is made.</summary>
    public Action<string>? Before { get; set; }

    public static async Task<FakeManifestHost> Start() => new(await FakeApi.Start());

    public JsonObject this[string path] => _kept[path];

    public void Put(string path, string json) => _kept[path] = (JsonObject)JsonNode.Parse(json)!;

    /// <summary>Somebody else changes it.</summary>
    public void Set(string path, string field, JsonNode value)
    {
        _kept[path][field] = value;
        _kept[path]["revision"] = _kept[path]["revision"]!.GetValue<long>() + 1;
    }

    public ValueTask DisposeAsync() => Api.DisposeAsync();

    private async Task<bool> Handle(HttpContext context)
    {
        var path = context.Request.Path.Value!["/api/v1/".Length..];
        if (context.Request.Method == "GET")
        {
            string? answer;
            lock (_gate)
            {
                answer = Read(path)?.ToJsonString();
            }

            await (answer is null ? Problem(context, 404, "There is no such thing.") : FakeApi.Write(context, 200, answer));
            return true;
        }

        Before?.Invoke(path);
        if (path == Refused)
        {
            await Problem(context, 400, "It is refused.");
            return true;
        }

        if (context.Request.Method == "PUT" && _kept.TryGetValue(path, out var there) && there["revision"] is { } revision
            && context.Request.Headers.IfMatch != $"\"{revision}\"")
        {
            await Problem(context, 412, "It has changed.");
            return true;
        }

        Changes.Enqueue($"{context.Request.Method} {path}");
        if (context.Request.Method == "PUT")
        {
            var body = (JsonObject)(await JsonNode.ParseAsync(context.Request.Body))!;
            Sent = body.ToJsonString();
            lock (_gate)
            {
                _kept[path] = Kept(path, body);
            }
        }
        else
        {
            _kept.TryRemove(path.Replace("/remove", "", StringComparison.Ordinal), out _);
        }

        await FakeApi.Write(context, 200, "{}");
        return true;
    }

    private JsonObject Kept(string path, JsonObject body)
    {
        var (parts, kept) = (path.Split('/'), (JsonObject)(body["route"] ?? body).DeepClone());
        if (parts is ["applications", _] or ["applications", _, "scopes", _])
        {
            kept["revision"] = (_kept.TryGetValue(path, out var before) ? before["revision"]!.GetValue<long>() : 0) + 1;
        }

        kept.Remove("secret");
        return kept;
    }

    private JsonNode? Read(string path)
    {
        if (_kept.TryGetValue(path, out var one))
        {
            return one.DeepClone();
        }

        return path.Split('/') switch
        {
            [.. var scope, "traffic-policy"] when _kept.ContainsKey(string.Join('/', scope)) => new JsonObject { ["http2"] = false, ["preview"] = false },
            [.. var scope, "dependencies"] when _kept.ContainsKey(string.Join('/', scope)) => new JsonObject { ["declared"] = new JsonArray() },
            [.., "bindings"] => new JsonArray([.. Under(path).Select(bound => new JsonObject
            {
                ["binding"] = new JsonObject { ["kind"] = bound.Parts[^2], ["service"] = bound.Parts[^1], ["route"] = bound.Body },
            })]),
            [.., "services"] => Page(Under(path).Select(service => new JsonObject { ["kind"] = service.Parts[^2], ["name"] = service.Parts[^1] })),
            [.., "schedules"] or ["freezes"] or ["webhooks"] => Page(Under(path).Select(one =>
            {
                one.Body["name"] = one.Parts[^1];
                return one.Body;
            })),
            _ => null,
        };
    }

    private IEnumerable<(string[] Parts, JsonObject Body)> Under(string path) =>
        _kept.Where(one => one.Key.StartsWith($"{path}/", StringComparison.Ordinal)).OrderBy(one => one.Key)
            .Select(one => (one.Key.Split('/'), (JsonObject)one.Value.DeepClone()));

    private static JsonObject Page(IEnumerable<JsonObject> items) => new() { ["items"] = new JsonArray([.. items]), ["next"] = null };

    private static Task Problem(HttpContext context, int status, string title) =>
        FakeApi.Write(context, status, $$"""{"type":"urn:fury:fault","title":"{{title}}","status":{{status}}}""");
}
