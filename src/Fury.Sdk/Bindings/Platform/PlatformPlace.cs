using Fury.Sdk.Checks;

namespace Fury.Sdk.Bindings.Platform;

/// <summary>Where the platform is, and who this instance is towards it. The platform gives each instance all of it in its environment.</summary>
/// <param name="Token">Of the scope; a secret.</param>
/// <param name="Instance">This one among those of the scope.</param>
/// <param name="Kept">The file that keeps the bindings that worked last, for a start without the platform.</param>
internal sealed record PlatformPlace(Uri Platform, string Token, string Application, string Scope, string Instance, string Kept)
{
    public const string PlatformVariable = "FURY_PLATFORM";
    public const string TokenVariable = "FURY_WORKLOAD_TOKEN";
    public const string ApplicationVariable = "FURY_APPLICATION";
    public const string ScopeVariable = "SCOPE";
    public const string InstanceVariable = "FURY_INSTANCE_ID";
    public const string KeptVariable = "FURY_BINDINGS_KEPT";

    /// <summary>Null when no platform is named.</summary>
    /// <exception cref="FuryException">One is, and something that belongs to it is missing or wrong.</exception>
    public static PlatformPlace? Read(Func<string, string?> variable)
    {
        if (variable(PlatformVariable) is not { Length: > 0 } text)
        {
            return null;
        }

        var platform = Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
            ? address
            : throw Failure.Invalid($"{PlatformVariable} is {Check.Show(text)}; right is an address such as https://fury.example.com.");
        var (application, scope) = (Given(ApplicationVariable), Given(ScopeVariable));
        return new(
            platform,
            Given(TokenVariable),
            application,
            scope,
            variable(InstanceVariable) is { Length: > 0 } instance ? instance : $"{Environment.MachineName}-{Environment.ProcessId}",
            variable(KeptVariable) is { Length: > 0 } kept ? kept : Path.Combine(Path.GetTempPath(), $"fury-bindings-{application}-{scope}.json"));

        string Given(string name) => variable(name) is { Length: > 0 } value
            ? value
            : throw Failure.Invalid($"{name} is not set, and {PlatformVariable} is; right is both, as the platform gives them to its instances.");
    }
}
