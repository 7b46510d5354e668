using Fury.Sdk.Bindings;
using Fury.Sdk.Bindings.Platform;
using Fury.Sdk.Checks;

namespace Fury.Sdk.Platform;

/// <summary>Where the platform's API is, and who asks. It shows nothing of the token, nor does anything else.</summary>
public sealed class FuryPlatformOptions
{
    public const string AddressVariable = "FURY_HOST";
    public const string TokenVariable = "FURY_TOKEN";

    private const int TokenCharsMax = 16 * 1024;

    /// <summary>Null: what <c>FURY_HOST</c> says, or else <c>FURY_PLATFORM</c>, which instances are given.</summary>
    public Uri? Address { get; set; }

    /// <summary>Null: what <c>FURY_TOKEN</c> says, read at each call; without either nobody is named, which a platform on loopback allows.</summary>
    public string? Token { get; set; }

    public CallPolicy Policy { get; set; } = new() { AttemptTimeout = TimeSpan.FromSeconds(10), TotalTimeout = TimeSpan.FromSeconds(30) };

    /// <summary>How long the platform may be away while a deployment is watched.</summary>
    public TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>What speaks HTTP; null: connections of its own, which follow no redirect. Another one has its own trust or is a test's.</summary>
    public HttpMessageHandler? Handler { get; set; }

    /// <summary>Reads a variable of the environment; another one for tests.</summary>
    public Func<string, string?> Variable { get; set; } = Environment.GetEnvironmentVariable;

    internal Uri ReadAddress()
    {
        var text = Address?.OriginalString ?? Given(AddressVariable) ?? Given(PlatformPlace.PlatformVariable) ?? throw Failure.Invalid(
            $"No address of the platform is named; right is FuryPlatformOptions.Address or {AddressVariable}, such as https://fury.example.com.");
        if (!Uri.TryCreate(text, UriKind.Absolute, out var address)
            || address.Scheme is not ("http" or "https")
            || address.Query.Length + address.Fragment.Length > 0)
        {
            // A password may stand before an @.
            var shown = Check.Show(text[(text.LastIndexOf('@') + 1)..]);
            throw Failure.Invalid($"The address of the platform is {shown}; right is one such as https://fury.example.com.");
        }

        return address.UserInfo.Length == 0
            ? new Uri(address.AbsoluteUri.TrimEnd('/') + "/")
            : throw Failure.Invalid($"The address of the platform, at {Check.Show(address.Authority)}, holds a user; a token is right: {TokenVariable}.");
    }

    internal string? ReadToken()
    {
        var token = Token ?? Given(TokenVariable);
        return string.IsNullOrEmpty(token) ? null
            : token.Length <= TokenCharsMax && token.All(each => each is > ' ' and <= '~') ? token
            : throw Failure.Invalid($"The token of the platform has {token.Length} characters; right are 1 to {TokenCharsMax} that are visible and ASCII.");
    }

    private string? Given(string variable) => Variable(variable) is { Length: > 0 } value ? value : null;
}
