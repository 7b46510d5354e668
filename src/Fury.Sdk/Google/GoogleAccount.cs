using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Fury.Sdk.Aws;
using Fury.Sdk.Drivers;
using Fury.Sdk.Http;

namespace Fury.Sdk.Google;

/// <summary>
/// Who calls Google. A route's credential names the variable with the key of a service account, as JSON or as the path of its file; a route without one is
/// whom the machine stands for, by the metadata server.
/// </summary>
internal sealed class GoogleAccount : ITokenSource
{
    private const string Scope = "https://www.googleapis.com/auth/cloud-platform";
    private const string Grant = "urn:ietf:params:oauth:grant-type:jwt-bearer";
    private const string Algorithm = "GOOG4-RSA-SHA256";

    private const string ProjectDialect = "google.project";

    private readonly EnvironmentCredential? _credential;
    private readonly TimeProvider _clock;
    private readonly DriverContext _context;
    private string? _project;

    public GoogleAccount(DriverContext context)
    {
        (_clock, _context) = (context.Clock, context);
        _credential = context.Route.Credential is null ? null : new EnvironmentCredential(context, "GOOGLE_CREDENTIALS", parts: 1);
    }

    public string Display => "Google";

    /// <summary>A machine's account has no key that could sign.</summary>
    public bool CanSign => _credential is not null;

    /// <summary>In which the resources are: that of the route's dialect, else of the key.</summary>
    public string Project => _project ??= _context.Route.Dialect.GetValueOrDefault(ProjectDialect) ?? (CanSign ? Key.Project : null)
        ?? throw Failure.Invalid($"The binding of '{_context.Service}' must name the project in its dialect, like {{ \"{ProjectDialect}\": \"shop\" }}.");

    private GoogleKey Key => GoogleKey.Read(_credential![0]!);

    public HttpRequestMessage Ask()
    {
        if (_credential is null)
        {
            var host = Environment.GetEnvironmentVariable("GCE_METADATA_HOST") is { Length: > 0 } given ? given : "metadata.google.internal";
            var request = new HttpRequestMessage(
                HttpMethod.Get, new Uri($"http://{host}/computeMetadata/v1/instance/service-accounts/default/token"));
            request.Headers.Add("Metadata-Flavor", "Google");
            return request;
        }

        var key = Key;
        return new HttpRequestMessage(HttpMethod.Post, key.Tokens)
        {
            Content = new FormUrlEncodedContent(
                new Dictionary<string, string> { ["grant_type"] = Grant, ["assertion"] = key.Assertion(Scope, _clock.GetUtcNow()) }),
        };
    }

    /// <summary>The query of an address that gives whoever has it this one access to Cloud Storage (version 4 of its signatures).</summary>
    /// <param name="path">As it is sent, encoded.</param>
    /// <param name="headers">What must be sent with the request, in lower case; <c>host</c> is among it.</param>
    public string Presign(string method, string path, IReadOnlyCollection<(string Name, string Value)> headers, TimeSpan lifetime)
    {
        var (key, stamp) = (Key, SigV4.Stamp(_clock.GetUtcNow()));
        var scope = $"{stamp[..8]}/auto/storage/goog4_request";
        List<(string Name, string Value)> query =
        [
            ("X-Goog-Algorithm", Algorithm),
            ("X-Goog-Credential", PercentEncoding.Encode($"{key.Email}/{scope}")),
            ("X-Goog-Date", stamp),
            ("X-Goog-Expires", ((long)lifetime.TotalSeconds).ToString(CultureInfo.InvariantCulture)),
            ("X-Goog-SignedHeaders", PercentEncoding.Encode(SigV4.Names(headers))),
        ];
        var canonical = SigV4.Canonical(method, path, query, headers, SigV4.Unsigned);
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)));
        return $"{SigV4.Query(query)}&X-Goog-Signature={Convert.ToHexStringLower(key.Sign($"{Algorithm}\n{stamp}\n{scope}\n{hash}"))}";
    }
}
