using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Fury.Sdk.Drivers;
using Fury.Sdk.Http;

namespace Fury.Sdk.Redis;

/// <summary>A script that runs as one step within Redis.</summary>
internal sealed class RedisScript(string text)
{
    public ReadOnlyMemory<byte> Text { get; } = Encoding.UTF8.GetBytes(text);

    /// <summary>By which Redis knows a script that it has seen. Redis has chosen the hash.</summary>
    public ReadOnlyMemory<byte> Name { get; } = Encoding.ASCII.GetBytes(Convert.ToHexStringLower(Sha1(text)));

    [System.Diagnostics.CodeAnalysis.SuppressMessage("Security", "CA5350", Justification = "Redis names scripts so; it guards nothing.")]
    private static byte[] Sha1(string text) => SHA1.HashData(Encoding.UTF8.GetBytes(text));
}

/// <summary>What all drivers of Redis have in common: a connection that is made again when it broke, scripts, and Redis's errors in our words.</summary>
internal abstract class RedisDriver(DriverContext context) : IDriver
{
    public const string Name = "redis";

    /// <summary>A number that only grows.</summary>
    protected static readonly RedisScript RaiseTo = new("""
        if tonumber(redis.call('GET', KEYS[1]) or '0') < tonumber(ARGV[1]) then redis.call('SET', KEYS[1], ARGV[1]) end
        return 1
        """);

    private const string Secured = "rediss";
    private const int Port = 6379;

    private readonly LiveConnection<RespConnection> _connection = new(stop => Connect(context, null, stop));

    public string Provider => Name;

    public abstract CapabilitySet Declared { get; }

    public bool EndsAtOnce => true;

    protected string Prefix { get; } = context.Route.Resource + ":";

    protected TimeProvider Clock { get; } = context.Clock;

    public virtual async ValueTask ProbeAsync(CancellationToken cancellation) => await Ask(cancellation, RespConnection.Part("PING"));

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    protected static ReadOnlyMemory<byte> Part(string text) => RespConnection.Part(text);

    protected static ReadOnlyMemory<byte> Part(long number) => RespConnection.Part(number.ToString(CultureInfo.InvariantCulture));

    protected async ValueTask<RespValue> Ask(CancellationToken cancellation, params ReadOnlyMemory<byte>[] command)
    {
        var connection = await _connection.Get(cancellation);
        var answer = await connection.Ask(command, cancellation);
        return answer.Kind == RespKind.Error ? throw Explain(answer.Text) : answer;
    }

    /// <summary>What of all keys that begin so comes after that beginning, and where it goes on; Redis goes over all that it has.</summary>
    protected async ValueTask<NamePage> KeysThatBegin(string begin, string? from, int limit, CancellationToken cancellation)
    {
        var pattern = string.Concat(begin.Select(letter => "[]*?\\^-".Contains(letter) ? $"\\{letter}" : $"{letter}")) + "*";
        var answer = await Ask(cancellation, Part("SCAN"), Part(from ?? "0"), Part("MATCH"), Part(pattern), Part("COUNT"), Part(limit));
        var next = answer.Items![0].Text;
        return new NamePage([.. answer.Items[1].Items!.Select(each => each.Text[begin.Length..])], next == "0" ? null : next);
    }

    /// <summary>Runs a script by its name, and by its text where Redis does not know it.</summary>
    protected async ValueTask<RespValue> Run(
        RedisScript script, ReadOnlyMemory<byte>[] keys, ReadOnlyMemory<byte>[] arguments, CancellationToken cancellation)
    {
        var connection = await _connection.Get(cancellation);
        var answer = await connection.Ask([Part("EVALSHA"), script.Name, Part(keys.Length), .. keys, .. arguments], cancellation);
        if (answer.Kind == RespKind.Error && answer.Text.StartsWith("NOSCRIPT", StringComparison.Ordinal))
        {
            answer = await connection.Ask([Part("EVAL"), script.Text, Part(keys.Length), .. keys, .. arguments], cancellation);
        }

        return answer.Kind == RespKind.Error ? throw Explain(answer.Text) : answer;
    }

    /// <summary>A further connection, that says what Redis says by itself.</summary>
    protected Task<RespConnection> Connect(Action<RespValue> unasked, CancellationToken cancellation) => Connect(context, unasked, cancellation);

    private static async Task<RespConnection> Connect(DriverContext context, Action<RespValue>? unasked, CancellationToken cancellation)
    {
        var endpoint = context.Route.Endpoint is { Scheme: Name or Secured } given ? given : throw Failure.Invalid(
            $"The binding of '{context.Service}' to redis has no such endpoint; one like redis://10.0.0.7:6379 or rediss://redis.example.com:6380 is right.");
        var credential = context.Route.Credential is null ? null : new EnvironmentCredential(context, "USER,PASSWORD", parts: 2);
        var trust = endpoint.Scheme == Secured ? TlsTrust.Of(context) : null;
        var socket = await ProviderSocket.Connect("Redis", endpoint, Port, cancellation);
        var connection = RespConnection.Open(trust is null ? socket : await socket.Secure("Redis", endpoint, trust, cancellation), unasked);
        try
        {
            if (credential is not null
                && await connection.Ask([Part("AUTH"), Part(credential[0]!), Part(credential[1]!)], cancellation) is { Kind: RespKind.Error } refusal)
            {
                throw Explain(refusal.Text);
            }

            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>An answer was given, so nothing is unknown about it.</summary>
    private static FuryException Explain(string error)
    {
        var word = error.Split(' ')[0];
        var (code, transient) = word switch
        {
            "LOADING" or "BUSY" or "TRYAGAIN" => (FuryErrorCode.Throttled, true),
            "READONLY" or "MASTERDOWN" or "CLUSTERDOWN" => (FuryErrorCode.Unavailable, true),
            "OOM" => (FuryErrorCode.QuotaExceeded, false),
            "NOAUTH" or "WRONGPASS" => (FuryErrorCode.Unauthenticated, false),
            "NOPERM" => (FuryErrorCode.PermissionDenied, false),
            _ => (FuryErrorCode.Unknown, false),
        };
        return new FuryException(code, $"Redis refused: {error}") { IsTransient = transient, ProviderCode = word };
    }
}
