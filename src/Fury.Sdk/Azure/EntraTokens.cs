using Fury.Sdk.Drivers;
using Fury.Sdk.Http;

namespace Fury.Sdk.Azure;

/// <summary>
/// Who calls Azure. A route's credential names three variables: tenant, application, its secret; a route without one is whom the machine stands for, by the
/// metadata service.
/// </summary>
/// <param name="audience">For whom the token is to be good, e.g. <c>https://vault.azure.net</c>.</param>
internal sealed class EntraTokens(DriverContext context, string audience) : ITokenSource
{
    private readonly EnvironmentCredential? _credential = context.Route.Credential is null
        ? null
        : new EnvironmentCredential(context, "AZURE_TENANT_ID,AZURE_CLIENT_ID,AZURE_CLIENT_SECRET", parts: 3);

    public string Display => "Entra";

    public HttpRequestMessage Ask()
    {
        if (_credential is null)
        {
            var machine = Home("AZURE_POD_IDENTITY_AUTHORITY_HOST", "http://169.254.169.254");
            var query = PercentEncoding.Query(("api-version", "2018-02-01"), ("resource", audience));
            var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"{machine}/metadata/identity/oauth2/token{query}"));
            request.Headers.Add("Metadata", "true");
            return request;
        }

        var authority = Home("AZURE_AUTHORITY_HOST", "https://login.microsoftonline.com");
        return new HttpRequestMessage(HttpMethod.Post, new Uri($"{authority}/{PercentEncoding.Encode(_credential[0]!)}/oauth2/v2.0/token"))
        {
            Content = new FormUrlEncodedContent(new Dictionary<string, string>
            {
                ["grant_type"] = "client_credentials",
                ["client_id"] = _credential[1]!,
                ["client_secret"] = _credential[2]!,
                ["scope"] = $"{audience}/.default",
            }),
        };
    }

    private static string Home(string variable, string usual) =>
        (Environment.GetEnvironmentVariable(variable) is { Length: > 0 } given ? given : usual).TrimEnd('/');
}
