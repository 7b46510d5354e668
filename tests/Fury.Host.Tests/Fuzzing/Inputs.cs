using System.Text.Json.Nodes;

namespace Fury.Host.Tests.Fuzzing;

/// <summary>Values by a fixed seed: such as a caller means well with, and such as nobody does.</summary>
internal sealed class Inputs(Schemas schemas, Random random)
{
    private const int DepthMax = 6;
    private const int ManyRows = 10_000;
    private const int DeepLevels = 500;

    // Nothing of these is reached: no such host, a port of this machine where nobody listens, no such folder.
    private static readonly string[] Plausible =
    [
        "fuzzed", "test-web", "1.0.0", "2.0.0-rc.1", "low", "critical", "web", "job", "standard", "serverless", "all-in", "canary", "safe", "viewer",
        "organisation", "application:fuzzed", "user:ann", "because", "ann", "0 3 * * *", "Europe/Berlin", "2026-11-28T12:00:00Z", "00:05:00", "key-value",
        "https://hook.invalid/x", "http://127.0.0.1:9", "/nowhere/at/all", "fuzzed/test-web", "local", "500m", "128Mi", "abort", "hold", "done",
        "01932c8e-7a54-7d5c-b5d1-1f2c3a4b5c6d", "00000000deadbeef", "local/this-machine/instances",
    ];

    private static readonly string[] Hostile =
    [
        "", " ", "\0", "a\0b", "<script>alert(1)</script>", "'; drop table catalog.application; --", "../../../etc/passwd", "%00", "%2e%2e%2f", "\u202e\u0000x",
        "\ud83d\ude80\u0301\u200d", "\ufffe", "-1", "NaN", "null", "true", "[]", "{}", "1e400", "9223372036854775808", "-2147483649", "a\r\nX-Injected: 1",
        "0x10", "١٢٣", "ﬀ", "İ", "${jndi:ldap://x}", "{{7*7}}", "\\", "\"", "%", "_%_", "😀", "\u2028",
    ];

    private static readonly string[] Broken = ["", "{", "null", "[1, 2", "\"text\"", "\u0001{}"];

    public static IReadOnlyDictionary<string, string[]> Known { get; } = new Dictionary<string, string[]>
    {
        ["application"] = ["fuzzed", "fuzzed", "fuzzed", "missing"],
        ["scope"] = ["test-web", "test-web", "test-web", "test-none"],
        ["version"] = ["1.0.0", "2.0.0"],
        ["kind"] = ["key-value", "queue", "bucket"],
        ["command"] = ["abort", "hold", "stop", "resume"],
        ["name"] = ["fuzzed", "nightly"],
        ["id"] = ["01932c8e-7a54-7d5c-b5d1-1f2c3a4b5c6d", "4711"],
    };

    public string Hurt() => random.Next(12) switch
    {
        0 => new string('a', random.Next(200, 3_000)),
        1 => new string((char)random.Next(0x80, 0xd7ff), random.Next(1, 60)),
        _ => Hostile[random.Next(Hostile.Length)],
    };

    public string Word(string name) =>
        Known.TryGetValue(name, out var words) ? words[random.Next(words.Length)] : Plausible[random.Next(Plausible.Length)];

    /// <summary>A value of the shape that the document tells, if not of its meaning.</summary>
    public JsonNode? Shaped(JsonNode schema, string name, int depth = 0)
    {
        var ways = schemas.Ways(schema).Where(way => !(Schemas.Types(way) is ["null"])).ToList();
        var way = ways[random.Next(ways.Count)];
        var types = Schemas.Types(way).Where(type => type != "null").ToList();
        if (way["enum"] is JsonArray words)
        {
            return words[random.Next(words.Count)]?.DeepClone();
        }

        return types switch
        {
            ["object", ..] => Members(way, depth),
            ["array", ..] => depth > DepthMax ? [] : new JsonArray(
                [.. Enumerable.Range(0, random.Next(3)).Select(_ => Shaped(way["items"] ?? new JsonObject(), name, depth + 1))]),
            _ when types.Contains("integer") => random.Next(5) == 0 ? -1 : random.Next(1, 100),
            _ when types.Contains("number") => random.Next(1, 100),
            ["boolean", ..] => random.Next(2) == 0,
            _ => Word(name),
        };
    }

    private JsonObject Members(JsonObject way, int depth)
    {
        var made = new JsonObject();
        if (depth > DepthMax)
        {
            return made;
        }

        foreach (var (name, of) in way["properties"] as JsonObject ?? [])
        {
            if (random.Next(3) > 0)
            {
                made[name] = Shaped(of!, name, depth + 1);
            }
        }

        if (way["additionalProperties"] is JsonObject values && random.Next(2) == 0)
        {
            made["KEY"] = Shaped(values, "value", depth + 1);
        }

        return made;
    }

    /// <summary>The text of a body with one thing wrong; now and then with none.</summary>
    public string Body(JsonNode schema)
    {
        var body = Shaped(schema, "body");
        switch (random.Next(12))
        {
            case 0:
                return Broken[random.Next(Broken.Length)];
            case 1:
                return string.Concat(Enumerable.Repeat("{\"a\":", DeepLevels)) + "1" + new string('}', DeepLevels);
            case 2:
                return string.Concat(Enumerable.Repeat("[", DeepLevels)) + new string(']', DeepLevels);
            case 3 when body is JsonObject extended:
                extended["noSuchMember"] = Hurt();
                break;
            case 4 when body is JsonObject pasted && pasted.Count > 0:
                pasted[pasted.ElementAt(random.Next(pasted.Count)).Key] = new JsonArray([.. Enumerable.Range(0, ManyRows).Select(row => (JsonNode)$"r{row}")]);
                break;
            case > 5:
                Spoil(body);
                break;
        }

        return body?.ToJsonString() ?? "null";
    }

    /// <summary>Replaces one value somewhere in it.</summary>
    private void Spoil(JsonNode? body)
    {
        if (body is JsonArray items && items.Count > 0)
        {
            Spoil(items[random.Next(items.Count)]);
        }
        else if (body is JsonObject members && members.Count > 0)
        {
            var key = members.ElementAt(random.Next(members.Count)).Key;
            if (members[key] is JsonObject or JsonArray && random.Next(2) == 0)
            {
                Spoil(members[key]);
                return;
            }

            members[key] = random.Next(8) switch
            {
                0 => null,
                1 => long.MaxValue,
                2 => -1,
                3 => 1.5e300,
                4 => new JsonArray(1, "a", null),
                5 => new JsonObject { ["a"] = new JsonObject() },
                6 => true,
                _ => Hurt(),
            };
        }
    }
}
