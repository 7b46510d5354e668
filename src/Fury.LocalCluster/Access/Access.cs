using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Fury.LocalCluster;

/// <summary>Something that somebody may do, or may not.</summary>
/// <param name="Verb"><c>*</c> for any.</param>
/// <param name="Resource">
/// Plural, with a subresource behind a slash where one is meant: <c>pods</c>, <c>pods/log</c>; <c>pods.metrics.k8s.io</c>; <c>*</c> for any.
/// </param>
/// <param name="Namespace">Null for everywhere.</param>
public sealed record AccessRule(string Verb, string Resource, string? Namespace = null)
{
    internal bool Covers(string verb, string resource, string? ns) =>
        (Verb == "*" || Verb == verb) && (Resource == "*" || Resource == resource) && (Namespace is null || Namespace == ns);
}

/// <summary>Who may do what. Everybody may do everything until a rule says otherwise.</summary>
public sealed class Access
{
    internal const string Admin = "kubernetes-admin";
    private const string Anonymous = "system:anonymous";

    private readonly Lock _lock = new();
    private readonly Dictionary<string, string> _userByToken = [];
    private readonly List<(string? User, AccessRule Rule)> _denied = [];
    private readonly Dictionary<string, List<AccessRule>> _only = [];

    internal Access(string? adminToken)
    {
        if (adminToken is not null)
        {
            _userByToken[adminToken] = Admin;
        }
    }

    /// <summary>Lets a user in by a bearer token. As soon as there is one token, a request without a token or certificate is <c>401</c>.</summary>
    public void AddUser(string user, string token)
    {
        lock (_lock)
        {
            _userByToken[token] = user;
        }
    }

    /// <summary>Takes a token away; whoever still uses it is <c>401</c>.</summary>
    public void RemoveToken(string token)
    {
        lock (_lock)
        {
            _userByToken.Remove(token);
        }
    }

    /// <param name="user">Null for everybody.</param>
    public void Deny(AccessRule rule, string? user = null)
    {
        lock (_lock)
        {
            _denied.Add((user, rule));
        }
    }

    /// <summary>From now on the user may do only this, and what further calls add.</summary>
    public void Allow(string user, AccessRule rule)
    {
        lock (_lock)
        {
            (_only.TryGetValue(user, out var rules) ? rules : _only[user] = []).Add(rule);
        }
    }

    /// <summary>Everybody may do everything again.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            _denied.Clear();
            _only.Clear();
        }
    }

    internal string Authenticate(HttpContext http)
    {
        const string Scheme = "Bearer ";
        var header = http.Request.Headers.Authorization.ToString();
        lock (_lock)
        {
            if (header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
            {
                return _userByToken.TryGetValue(header[Scheme.Length..].Trim(), out var user) ? user : throw Refusal.Unauthorized();
            }

            if (http.Connection.ClientCertificate is { } certificate)
            {
                return certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false);
            }

            return _userByToken.Count == 0 && !http.Request.IsHttps ? Anonymous : throw Refusal.Unauthorized();
        }
    }

    internal void Check(string user, Call call)
    {
        var resource = call.Subresource is null ? call.Kind.Ruled : $"{call.Kind.Ruled}/{call.Subresource}";
        var ns = call.Kind == AllKinds.Namespaces ? call.Name : call.Namespace;
        if (!May(user, call.Verb, resource, ns))
        {
            var where = ns is null ? "at the cluster scope" : $"in the namespace \"{ns}\"";
            var what = call.Name is null ? call.Kind.Resource : $"{call.Kind.Resource} \"{call.Name}\"";
            throw Refusal.Forbidden(
                call.Kind.Plural,
                call.Name,
                call.Kind.Group,
                $"{what} is forbidden: User \"{user}\" cannot {call.Verb} resource \"{resource}\" in API group \"{call.Kind.Group}\" {where}");
        }
    }

    /// <summary>Answers <c>kubectl auth can-i</c>: a review of what the caller itself may do.</summary>
    internal async Task<bool> TryReview(HttpContext http, string user)
    {
        if (http.Request.Method != "POST" || http.Request.Path != "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews")
        {
            return false;
        }

        var review = await Bodies.Object(http.Request, http.RequestAborted);
        var asked = review.Object("spec", "resourceAttributes");
        var resource = asked.Text("subresource") is { Length: > 0 } sub ? $"{asked.Text("resource")}/{sub}" : asked.Text("resource") ?? "";
        var allowed = asked is null || May(user, asked.Text("verb") ?? "", resource, asked.Text("namespace") is { Length: > 0 } ns ? ns : null);
        review["kind"] = "SelfSubjectAccessReview";
        review["apiVersion"] = "authorization.k8s.io/v1";
        review.Child("metadata");
        review["status"] = new JsonObject { ["allowed"] = allowed };
        await Answers.Json(http, review, StatusCodes.Status201Created);
        return true;
    }

    private bool May(string user, string verb, string resource, string? ns)
    {
        lock (_lock)
        {
            return !_denied.Any(denied => (denied.User is null || denied.User == user) && denied.Rule.Covers(verb, resource, ns))
                && (!_only.TryGetValue(user, out var rules) || rules.Exists(rule => rule.Covers(verb, resource, ns)));
        }
    }
}
