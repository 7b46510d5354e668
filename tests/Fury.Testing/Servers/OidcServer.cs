using System.Diagnostics;
using System.Net;
using System.Text.RegularExpressions;

namespace Fury.Testing;

/// <summary>npm's oidc-provider on loopback, with clients for the web and for the command line. A person's name says its groups: <c>ann+payments</c>.</summary>
public sealed partial class OidcServer : ServerProcess
{
    private const int StepsMax = 20;

    public string Issuer => $"http://127.0.0.1:{Port}";

    protected override async Task<Process> Start()
    {
        var scripts = await NodeScripts.Prepare("tests/Fury.Testing/Node/oidc-provider", CancellationToken.None);
        var process = scripts.Start("server.js", $"{Port}");
        process.StandardInput.Close();
        return process;
    }

    /// <summary>A browser in which somebody answers every form of the provider, until it is sent elsewhere or nothing is asked any more.</summary>
    /// <returns>The address elsewhere, or the last page.</returns>
    public async Task<string> LogIn(HttpClient browser, string address, string name)
    {
        var at = new Uri(address);
        var answer = await browser.GetAsync(at);
        for (var step = 0; step < StepsMax; step++)
        {
            if (answer.Headers.Location is { } next)
            {
                at = new Uri(at, next);
                if (at.Port != Port)
                {
                    return at.ToString();
                }

                answer = await browser.GetAsync(at);
                continue;
            }

            var page = await answer.Content.ReadAsStringAsync();
            if (Form().Match(page) is not { Success: true } form)
            {
                return page;
            }

            var fields = Field().Matches(page).ToDictionary(field => field.Groups["name"].Value, field => WebUtility.HtmlDecode(field.Groups["value"].Value));
            if (page.Contains("name=\"login\"", StringComparison.Ordinal))
            {
                (fields["login"], fields["password"]) = (name, "any");
            }

            at = new Uri(at, WebUtility.HtmlDecode(form.Groups["action"].Value));
            answer = await browser.PostAsync(at, new FormUrlEncodedContent(fields));
        }

        throw new InvalidOperationException($"The provider goes on and on: {at}");
    }

    /// <summary>A browser: it keeps cookies, and goes nowhere by itself.</summary>
    public static HttpClient Browser() => new(new HttpClientHandler { AllowAutoRedirect = false, UseCookies = true, CookieContainer = new CookieContainer() });

    [GeneratedRegex(@"<form(?=[^>]*method=""post"")[^>]*action=""(?<action>[^""]+)""")]
    private static partial Regex Form();

    [GeneratedRegex(@"<(input|button)[^>]*name=""(?<name>[^""]+)""[^>]*value=""(?<value>[^""]*)""")]
    private static partial Regex Field();
}
