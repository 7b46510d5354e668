using System.Globalization;
using Fury.Kernel;
using Fury.Sidecar.Routing;
using Fury.Xds;
using Microsoft.AspNetCore.Http;

namespace Fury.Sidecar.Forwarding;

/// <summary>What a request itself says of where it is to go.</summary>
/// <param name="Pool">The pool it has chosen, where that is allowed.</param>
/// <param name="Key">Requests with the same one go to the same endpoint of a pool.</param>
internal readonly record struct Wish(PoolId? Pool, ulong? Key)
{
    /// <summary>The value of the cookie that this request's client is to be given; null for none.</summary>
    public string? NewCookie { get; init; }

    public static Wish Of(HttpRequest request, TrafficRules rules, Random random)
    {
        var pool = rules.Previews.Count == 0 ? null : Preview(request, rules.Previews);
        return rules.Affinity switch
        {
            null => new(pool, null),
            { Header: { } header } => new(pool, request.Headers[header].ToString() is { Length: > 0 } value ? Rendezvous.Hash(value) : null),
            { Cookie: var cookie } when request.Cookies[cookie!] is { Length: > 0 } value => new(pool, Rendezvous.Hash(value)),
            _ => WithNewCookie(pool, random.NextInt64().ToString("x16", CultureInfo.InvariantCulture)),
        };
    }

    /// <summary>What the answer tells the client to keep; nothing when it has it already.</summary>
    public void Remember(HttpResponse response, TrafficRules rules)
    {
        if (NewCookie is not null && rules.Affinity is { Cookie: { } name } affinity)
        {
            response.Cookies.Append(name, NewCookie, new CookieOptions
            {
                Path = "/",
                HttpOnly = true,
                MaxAge = affinity.CookieTtl > TimeSpan.Zero ? affinity.CookieTtl : null,
            });
        }
    }

    private static Wish WithNewCookie(PoolId? pool, string value) => new(pool, Rendezvous.Hash(value)) { NewCookie = value };

    /// <summary>The header comes before the cookie: it was set for this one request.</summary>
    private static PoolId? Preview(HttpRequest request, IReadOnlyList<PoolId> previews) =>
        PoolId.TryParse(request.Headers[MeshProtocol.PoolHeader], out var pool) && previews.Contains(pool) ? pool
        : PoolId.TryParse(request.Cookies[MeshProtocol.PoolCookie], out pool) && previews.Contains(pool) ? pool
        : null;
}
