using System.Text.Json.Nodes;
using Fury.Sdk.Tests.Fakes;
using Microsoft.AspNetCore.Http;

namespace Fury.Sdk.Tests.Secrets;

/// <summary>What the platform's API answers instances that ask for secrets. The Catalog's tests ask the real one.</summary>
public sealed class FakePlatformSecrets : FakeService
{
    public const string Token = "fw1.shop.production-web.canary-5e1f0c7a";

    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, (long Version, string Value)> _secrets = new(StringComparer.Ordinal);
    private int _asked;

    /// <summary>The time that every secret has.</summary>
    public static DateTimeOffset ChangedAt { get; } = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    /// <summary>How many requests have come.</summary>
    public int Asked => _asked;

    /// <summary>Of a secret that the host cannot open.</summary>
    public string? Foreign { get; set; }

    public void Set(string name, string value)
    {
        lock (_gate)
        {
            _secrets[name] = (_secrets.GetValueOrDefault(name).Version + 1, value);
        }
    }

    protected override void Begin()
    {
    }

    protected override Task Answer(HttpContext context)
    {
        Interlocked.Increment(ref _asked);
        lock (_gate)
        {
            return (context.Request.Headers.Authorization.ToString(), Segments(context)) switch
            {
                (not $"Bearer {Token}", _) => Refuse(context, 401, "unauthenticated"),
                (_, ["api", "v1", "runtime", "secrets"]) => Write(context, 200, new JsonArray([.. _secrets.Keys.Select(name => JsonValue.Create(name))])),
                (_, ["api", "v1", "runtime", "secrets", var name]) => name == Foreign ? Refuse(context, 409, "conflict")
                    : _secrets.TryGetValue(name, out var found) ? Write(context, 200, new JsonObject
                    {
                        ["name"] = name,
                        ["version"] = found.Version,
                        ["value"] = found.Value,
                        ["changedAt"] = ChangedAt,
                    })
                    : Refuse(context, 404, "not-found"),
                _ => Write(context, 404, null),
            };
        }
    }

    private static Task Refuse(HttpContext context, int status, string kind) => Write(
        context, status, new JsonObject { ["title"] = "So it is.", ["status"] = status, ["kind"] = kind }, "application/problem+json");
}
