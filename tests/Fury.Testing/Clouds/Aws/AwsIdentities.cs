using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace Fury.Testing.Aws;

/// <summary>Credentials that the fake has given out.</summary>
/// <param name="Token">Null for those of a user, which have no end.</param>
/// <param name="Arn">Whose they are.</param>
public sealed record AwsKeys(string AccessKey, string Secret, string? Token, DateTimeOffset? Expires, string Arn);

/// <summary>Who may call the fake, and what for.</summary>
internal sealed class AwsIdentities(TimeProvider clock)
{
    public const string Account = "123456789012";

    private readonly ConcurrentDictionary<string, AwsKeys> _keys = new();
    private readonly ConcurrentDictionary<string, bool> _ended = new();
    private volatile bool _revoked;

    /// <summary>The same for the same name, in any fake.</summary>
    public AwsKeys User(string name) => Give(new($"AKIA{Hash(name)[..16]}", Hash(name).ToLowerInvariant(), null, null, $"arn:aws:iam::{Account}:user/{name}"));

    public AwsKeys Session(string arn, TimeSpan? life = null) =>
        Give(new(Word("ASIA"), Word(""), Word("token/+="), clock.GetUtcNow() + (life ?? TimeSpan.FromHours(1)), arn));

    public AwsKeys? Find(string accessKey) => _keys.GetValueOrDefault(accessKey);

    public bool IsTaken(AwsKeys keys) => !_revoked && _keys.ContainsKey(keys.AccessKey);

    public bool HasEnded(AwsKeys keys) => _ended.ContainsKey(keys.AccessKey) || keys.Expires <= clock.GetUtcNow();

    public void EndSessions()
    {
        foreach (var keys in _keys.Values.Where(keys => keys.Token is not null))
        {
            _ended[keys.AccessKey] = true;
        }
    }

    public void Revoke() => _revoked = true;

    private AwsKeys Give(AwsKeys keys) => _keys[keys.AccessKey] = keys;

    private static string Hash(string name) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(name)));

    private static string Word(string prefix) => prefix + RandomNumberGenerator.GetString("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16);
}
