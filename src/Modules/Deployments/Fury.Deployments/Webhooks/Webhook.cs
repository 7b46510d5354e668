using System.Text.Json.Serialization;
using Fury.Deployments.Contracts;
using Fury.Deployments.Gates;
using Fury.Kernel;

namespace Fury.Deployments.Webhooks;

/// <summary>Whatever writes it out writes this instead.</summary>
internal readonly record struct Secret(string Value)
{
    public override string ToString() => "(secret)";
}

/// <summary>Somebody who hears of deployments: of those events that every list has. An empty list has all of them.</summary>
/// <param name="Teams">Owners of applications.</param>
/// <param name="Scopes">Names, in which <c>*</c> stands for any letters.</param>
/// <param name="Phases">After the event.</param>
internal sealed record Webhook(
    string Name,
    Uri Url,
    IReadOnlyList<string> Teams,
    IReadOnlyList<ApplicationName> Applications,
    IReadOnlyList<string> Scopes,
    IReadOnlyList<DeploymentPhase> Phases,
    bool Enabled,
    DateTimeOffset CreatedAt);

/// <summary>What a caller says of a subscription.</summary>
/// <param name="Url">http or https, at most 500 characters, without user and password.</param>
/// <param name="Secret">16 to 200 visible ASCII characters. It is never shown; when it is left out of a change, the old one stays.</param>
/// <param name="Enabled">True when left out. While it is not, nothing is delivered, and what happens is not kept for later.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record WebhookRequest(
    string? Url,
    string? Secret = null,
    IReadOnlyList<string?>? Teams = null,
    IReadOnlyList<string?>? Applications = null,
    IReadOnlyList<string?>? Scopes = null,
    IReadOnlyList<string?>? Phases = null,
    bool? Enabled = null)
{
    private const int UrlLengthMax = 500;
    private const int SecretLengthMin = 16;
    private const int SecretLengthMax = 200;

    public Outcome<(Webhook Webhook, Secret? Secret)> Read(ShortName name, AddressPolicy addresses, DateTimeOffset now)
    {
        var check = new Validation();
        var isUrl = Uri.TryCreate(Url, UriKind.Absolute, out var url)
            && Url!.Length <= UrlLengthMax && url.Scheme is "http" or "https" && url is { UserInfo: "", Fragment: "" };
        // What may hold a password is not repeated.
        var shown = Url?.Contains('@', StringComparison.Ordinal) == true ? $"({Url.Length} characters)" : Url;
        check.Require(isUrl, shown, $"an http or https address without user, password and fragment, at most {UrlLengthMax} characters", "url");
        check.Require(
            !isUrl || addresses.MayBe(url!), shown, "outside: this address is private or reserved, and not in the networks that are allowed", "url");
        check.Require(
            Secret is null || (Secret.Length is >= SecretLengthMin and <= SecretLengthMax && Secret.All(letter => letter is > ' ' and < '\x7f')),
            Secret is null ? null : $"({Secret.Length} characters)",
            $"{SecretLengthMin} to {SecretLengthMax} visible ASCII characters",
            "secret");
        var webhook = new Webhook(
            name.Value,
            url!,
            SelectorsRequest.Words(check, Teams, "teams"),
            SelectorsRequest.List(check, Applications, "applications", check.Name<ApplicationName>),
            SelectorsRequest.Patterns(check, Scopes, "scopes"),
            SelectorsRequest.List(check, Phases, "phases", (text, at) => check.Choice(text ?? "", DeploymentPhase.Admitted, at)),
            Enabled ?? true,
            now);
        return check.Fault is { } fault ? fault : (webhook, Secret is null ? null : new Secret(Secret));
    }

    public override string ToString() => $"{nameof(WebhookRequest)} of {Url}";
}
