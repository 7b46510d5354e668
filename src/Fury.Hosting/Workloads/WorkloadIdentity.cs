using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Fury.Kernel;

namespace Fury.Hosting;

/// <summary>Where instances reach this platform; null: they are not told.</summary>
public sealed record WorkloadPlatform(Uri? Address);

/// <summary>
/// Who an instance is towards the platform: its scope, proved by a token that follows from the platform's key. It is in the instance's environment, so that the
/// SDK finds it. It says what the instance runs, and allows nothing but to ask what is meant for that scope.
/// </summary>
public sealed class WorkloadIdentity
{
    /// <summary>Where the platform is.</summary>
    public const string PlatformVariable = "FURY_PLATFORM";

    /// <summary>The token.</summary>
    public const string TokenVariable = "FURY_WORKLOAD_TOKEN";

    private const string Format = "fw1";

    private readonly AgentKey? _key;
    private readonly WorkloadPlatform _platform;

    public WorkloadIdentity(AgentKey key, WorkloadPlatform platform) => (_key, _platform) = (key, platform);

    private WorkloadIdentity() => _platform = new(null);

    /// <summary>Tells instances nothing.</summary>
    public static WorkloadIdentity None { get; } = new();

    /// <summary>What instances of the scope have in their environment beside their configuration.</summary>
    public IReadOnlyDictionary<string, string> EnvironmentOf(ScopeRef scope) => _platform.Address is null
        ? new Dictionary<string, string>()
        : new Dictionary<string, string>
        {
            [PlatformVariable] = _platform.Address.AbsoluteUri.TrimEnd('/'),
            [TokenVariable] = TokenOf(scope),
        };

    /// <summary>For all instances of the scope: whoever has the platform's key finds it again.</summary>
    public string TokenOf(ScopeRef scope) => $"{Format}.{scope.Application}.{scope.Scope}.{_key!.SecretOf($"workload/{scope}")}";

    /// <summary>The scope that a token is of; false when it is none of this platform. Takes the same time for every wrong one.</summary>
    public bool TryRead(string? token, [NotNullWhen(true)] out ScopeRef? scope)
    {
        scope = token?.Split('.') is [Format, var application, var name, _] && ScopeRef.TryParse($"{application}/{name}", out var said)
            && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(TokenOf(said)), Encoding.UTF8.GetBytes(token))
                ? said
                : null;
        return scope is not null;
    }

    /// <summary>
    /// Shows who has the token that this very content comes from the platform: HMAC-SHA-256 (RFC 2104) under a key that is made of the token for this alone, as
    /// 64 lower-case hexadecimal digits.
    /// </summary>
    public static string Seal(string token, ReadOnlySpan<byte> content) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(SHA256.HashData(Encoding.UTF8.GetBytes($"fury-bindings-1:{token}")), content));
}
