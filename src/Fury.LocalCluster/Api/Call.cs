using Microsoft.AspNetCore.Http;

namespace Fury.LocalCluster;

/// <summary>What a request asks for, before anybody has decided whether it may.</summary>
/// <param name="Verb">As access rules name it: <c>get list watch create update patch delete deletecollection</c>.</param>
/// <param name="Namespace">Null over all namespaces, and for kinds that have none.</param>
/// <param name="Name">Null for the collection.</param>
internal sealed record Call(
    HttpContext Http, Served Served, string Verb, string? Namespace, string? Name, string? Subresource, TimeProvider Clock)
{
    public DateTimeOffset Now => Clock.GetUtcNow();

    public Kind Kind => Served.Kind;

    public CancellationToken Cancelled => Http.RequestAborted;

    /// <summary>A parameter of the query; null when it is missing or empty.</summary>
    public string? Query(string name) => Http.Request.Query[name].ToString() is { Length: > 0 } value ? value : null;

    public bool QueryFlag(string name) => Query(name) switch
    {
        null or "false" or "0" => false,
        "true" or "1" => true,
        var other => throw Refusal.BadValue(name, other, "true or false"),
    };

    public long? QueryNumber(string name) => Query(name) switch
    {
        null => null,
        var text when long.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number)
            => number,
        var text => throw Refusal.BadValue(name, text, "a number that is not below 0"),
    };

    public bool DryRun => Query("dryRun") switch
    {
        null => false,
        "All" => true,
        var other => throw Refusal.BadValue("dryRun", other, "All"),
    };

    /// <summary>Who owns what is written: as the caller names itself, or else its program.</summary>
    public string Manager
    {
        get
        {
            if (Query("fieldManager") is { } given)
            {
                return given.Length <= ManagedFields.ManagerLengthMax
                    ? given
                    : throw Refusal.BadValue("fieldManager", given, $"at most {ManagedFields.ManagerLengthMax} characters");
            }

            var agent = Http.Request.Headers.UserAgent.ToString().Split('/', ' ')[0];
            return agent.Length is > 0 and <= ManagedFields.ManagerLengthMax ? agent : "unknown";
        }
    }

    public Writer Writer => new(Manager, Served.ApiVersion, Subresource, DryRun);

    /// <summary>The parts of <c>/api/v1/…</c> and <c>/apis/group/version/…</c>; null when nothing is served there.</summary>
    public static Call? Parse(HttpContext http, ClusterVersion version, TimeProvider clock)
    {
        var parts = http.Request.Path.Value!.Split('/', StringSplitOptions.RemoveEmptyEntries);
        return parts switch
        {
            ["api", var v, .. var rest] => Parse(http, version, clock, ("", v), rest),
            ["apis", var group, var v, .. var rest] => Parse(http, version, clock, (group, v), rest),
            _ => null,
        };
    }

    private static Call? Parse(HttpContext http, ClusterVersion version, TimeProvider clock, (string Group, string Version) api, string[] rest)
    {
        string? ns = null;
        if (rest is ["namespaces", var space, var next, ..] && !(next is "status" or "finalize" && rest.Length == 3))
        {
            (ns, rest) = (space, rest[2..]);
        }

        var (plural, name, subresource) = rest switch
        {
            [var only] => (only, null, null),
            [var p, var n] => (p, n, null),
            [var p, var n, var s] => (p, n, s),
            _ => (null, (string?)null, (string?)null),
        };
        if (plural is null || version.Find(api.Group, api.Version, plural) is not { } served)
        {
            return null;
        }

        // Objects of a namespace can be listed over all of them, and nothing else; objects without one have no such address.
        if (served.Kind.Namespaced ? ns is null && name is not null : ns is not null)
        {
            return null;
        }

        return VerbOf(http.Request, name is not null) is { } verb ? new(http, served, verb, ns, name, subresource, clock) : throw Refusal.MethodNotAllowed();
    }

    private static string? VerbOf(HttpRequest request, bool named) => (request.Method, named) switch
    {
        ("GET" or "HEAD", true) => "get",
        ("GET" or "HEAD", false) => request.Query["watch"].ToString() is "true" or "1" ? "watch" : "list",
        ("POST", _) => "create",
        ("PUT", true) => "update",
        ("PATCH", true) => "patch",
        ("DELETE", true) => "delete",
        ("DELETE", false) => "deletecollection",
        _ => null,
    };
}
