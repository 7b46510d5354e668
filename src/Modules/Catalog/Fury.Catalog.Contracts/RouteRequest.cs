using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Fury.Kernel;

namespace Fury.Catalog.Contracts;

/// <summary>What is to stand behind a service, as a caller says it.</summary>
/// <param name="Transport">direct when absent.</param>
/// <param name="Region">local when absent.</param>
/// <param name="Resource">The name of the service when absent.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed partial record RouteRequest(
    string? Driver,
    string? Transport = null,
    string? Endpoint = null,
    string? Region = null,
    string? Resource = null,
    string? Credential = null,
    IReadOnlyDictionary<string, string?>? Dialect = null)
{
    private const int DialectMax = 20;
    private const int EndpointLengthMax = 500;
    private const int ResourceLengthMax = 250;

    /// <summary>The route; what is wrong with it is noted as a field of <c>route</c>, and then it must not be used.</summary>
    /// <param name="service">The name of the service.</param>
    public ServiceRoute Read(Validation validation, string service)
    {
        var (transport, region, resource) = (Transport ?? "direct", Region ?? "local", Resource ?? service);
        validation.Require(Driver is not null && Word().IsMatch(Driver), Driver, "the name of a driver, such as redis", "route.driver");
        validation.Require(transport is "direct" or "local" or ServiceRoute.Gateway, transport, "direct, local or gateway", "route.transport");
        validation.Require(Word().IsMatch(region), region, "the name of a region, such as us-east-1", "route.region");
        validation.Require(
            resource.Length is >= 1 and <= ResourceLengthMax && !resource.Any(char.IsControl),
            resource, $"1 to {ResourceLengthMax} characters: a bucket, a table, a prefix, a queue", "route.resource");
        validation.Require(
            Credential is null || Named().IsMatch(Credential),
            "(not shown)", "a name, or env: and the names of variables, such as env:KEY_ID,SECRET; never the credential itself", "route.credential");
        validation.Require(
            Dialect is null || (Dialect.Count <= DialectMax && Dialect.All(pair => Word().IsMatch(pair.Key) && Word().IsMatch(pair.Value ?? ""))),
            Dialect?.Count, $"at most {DialectMax} words with a word each, such as s3.if-match: unquoted", "route.dialect");
        if (Endpoint is not null)
        {
            var isAddress = Uri.TryCreate(Endpoint, UriKind.Absolute, out var address) && Endpoint.Length <= EndpointLengthMax;
            validation.Require(isAddress, Endpoint, "an address, such as redis://10.0.0.7:6379", "route.endpoint");
            // Whoever may read bindings would read it too, and so would logs.
            validation.Require(
                !isAddress || address!.UserInfo.Length == 0,
                "(not shown)", "an address without user and password; name them by route.credential", "route.endpoint");
        }

        return new(Driver ?? "", transport, Endpoint, region, resource, Credential)
        {
            Dialect = (Dialect ?? new Dictionary<string, string?>()).ToDictionary(pair => pair.Key, pair => pair.Value ?? ""),
        };
    }

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Word();

    [GeneratedRegex(
        @"^(env:[A-Za-z_][A-Za-z0-9_]{0,99}(,[A-Za-z_][A-Za-z0-9_]{0,99}){0,3}|[A-Za-z0-9][A-Za-z0-9._-]{0,99})\z",
        RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Named();
}
