using System.Globalization;
using System.Text;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using Fury.Sdk.Checks;
using Fury.Sdk.Drivers;
using Fury.Sdk.Http;
using Fury.Sdk.Platform;

namespace Fury.Sdk.Secrets.Stores;

/// <summary>
/// The secrets that the platform itself keeps for the scope of this instance. People write them; an application only reads, and the newest version only. A
/// binding says no more than the driver: where the platform is and the token are those of this instance, so the token goes nowhere else.
/// </summary>
internal sealed partial class PlatformSecrets(PlatformLine line) : ISecretDriver
{
    /// <summary>As it is named in bindings.</summary>
    public const string Name = "platform";

    private const string Path = "api/v1/runtime/secrets";

    public string Provider => Name;

    public CapabilitySet Declared => CapabilitySet.Empty;

    public bool EndsAtOnce => true;

    public static IDriverFactory Factory(Uri platform, string token)
    {
        // For as long as the process lives.
        var line = new Lazy<PlatformLine>(() => new(HttpConnections.Open(), new Uri(platform, "/"), () => token));
        return new DriverFactory(ServiceKind.Secrets, Name, (_, _) => ValueTask.FromResult<IDriver>(new PlatformSecrets(line.Value)));
    }

    public FuryException Translate(Exception error) => line.Translate(error);

    public async ValueTask ProbeAsync(CancellationToken cancellation) => await Names(cancellation);

    public async ValueTask<SecretVersion?> GetAsync(string name, string? version, CancellationToken cancellation)
    {
        if (!Right.IsMatch(name))
        {
            // The platform can have none of this name, and would refuse the question.
            return null;
        }

        try
        {
            var found = await Ask($"{Path}/{name}", PlatformApiJson.Default.PlatformSecret, cancellation);
            var number = found.Version.ToString(CultureInfo.InvariantCulture);
            return version is null || version == number ? new SecretVersion(number, Encoding.UTF8.GetBytes(found.Value), found.ChangedAt) : null;
        }
        catch (FuryException absent) when (absent is { Code: FuryErrorCode.NotFound, ProviderCode: not null })
        {
            return null;
        }
    }

    public ValueTask<string> AddVersionAsync(string name, ReadOnlyMemory<byte> value, CancellationToken cancellation) => throw new NotSupportedException();

    public async ValueTask<IReadOnlyList<string>> ListAsync(string? after, int limit, CancellationToken cancellation) =>
        [.. (await Names(cancellation)).Where(name => after is null || Utf8Order.Instance.Compare(name, after) > 0).Take(limit)];

    /// <summary>The connections are all drivers'.</summary>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [GeneratedRegex(@"^[A-Z][A-Z0-9_]{0,63}\z")]
    private static partial Regex Right { get; }

    /// <summary>All of the scope, in their order.</summary>
    private ValueTask<IReadOnlyList<string>> Names(CancellationToken cancellation) => Ask(Path, PlatformApiJson.Default.IReadOnlyListString, cancellation);

    private ValueTask<T> Ask<T>(string path, JsonTypeInfo<T> json, CancellationToken cancellation) =>
        line.Send(new PlatformRequest(HttpMethod.Get, path), json, cancellation);
}
