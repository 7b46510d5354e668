using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Fury.Sdk.Drivers;
using Fury.Sdk.Http;

namespace Fury.Sdk.Etcd;

/// <summary>What all drivers of etcd have in common: calls over its JSON gateway, and its errors in our words.</summary>
internal abstract class EtcdDriver(DriverContext context) : IDriver
{
    public const string Name = "etcd";

    private const int WrongToken = 16;

    private readonly HttpMessageInvoker _http = new(new SocketsHttpHandler
    {
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        AllowAutoRedirect = false,
        SslOptions = TlsTrust.Of(context).Options(null),
    });

    private readonly EnvironmentCredential? _credential =
        context.Route.Credential is null ? null : new EnvironmentCredential(context, "USER,PASSWORD", parts: 2);

    private volatile string? _token;

    public string Provider => Name;

    public abstract CapabilitySet Declared { get; }

    public bool EndsAtOnce => true;

    protected TimeProvider Clock { get; } = context.Clock;

    protected string Resource { get; } = context.Route.Resource;

    private Uri Endpoint => context.Route.Endpoint ?? throw Failure.Invalid(
        $"The binding of '{context.Service}' to etcd has no endpoint; one like http://10.0.0.7:2379 or https://etcd.example.com:2379 is right.");

    public async ValueTask ProbeAsync(CancellationToken cancellation) => await Find(Bytes(Resource), cancellation);

    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        return ValueTask.CompletedTask;
    }

    protected static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    /// <summary>The first key after all that begin with this. No byte of UTF-8 is the last one that there is.</summary>
    protected static byte[] After(byte[] prefix)
    {
        byte[] end = [.. prefix];
        end[^1]++;
        return end;
    }

    protected async ValueTask<EtcdEntry?> Find(byte[] key, CancellationToken cancellation)
    {
        var found = await Range(new EtcdRange(key), cancellation);
        return found.Entries.Count > 0 ? found.Entries[0] : null;
    }

    protected ValueTask<EtcdFound> Range(EtcdRange range, CancellationToken cancellation) =>
        Call("kv/range", range, EtcdJson.Default.EtcdRange, EtcdJson.Default.EtcdFound, cancellation);

    protected ValueTask<EtcdOutcome> Transact(
        IReadOnlyList<EtcdCompare> compare, IReadOnlyList<EtcdStep> success, IReadOnlyList<EtcdStep>? failure, CancellationToken cancellation) =>
        Call(
            "kv/txn",
            new EtcdTransaction(compare, success, failure),
            EtcdJson.Default.EtcdTransaction,
            EtcdJson.Default.EtcdOutcome,
            cancellation);

    /// <summary>A lease of so many seconds, and its id.</summary>
    protected async ValueTask<long> Grant(long seconds, CancellationToken cancellation) =>
        (await Call("lease/grant", new EtcdLease(0, seconds), EtcdJson.Default.EtcdLease, EtcdJson.Default.EtcdLease, cancellation)).Id;

    /// <summary>Whole seconds, rounded down; negative for one that is gone.</summary>
    protected async ValueTask<long> Left(long lease, CancellationToken cancellation) =>
        (await Call("lease/timetolive", new EtcdLease(lease), EtcdJson.Default.EtcdLease, EtcdJson.Default.EtcdLease, cancellation)).TimeToLive;

    /// <summary>What changes in a range from a revision on, until cancelled. An answer without changes says that etcd does not tell more.</summary>
    protected async IAsyncEnumerable<EtcdWatched> Watch(EtcdWatchFrom from, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var response = await Send("watch", new EtcdWatch(from), EtcdJson.Default.EtcdWatch, cancellation);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellation));
        while (await reader.ReadLineAsync(cancellation) is { } line)
        {
            var news = JsonSerializer.Deserialize(line, EtcdJson.Default.EtcdNews);
            if (news?.Error is { } refusal)
            {
                throw Explain(refusal, 0);
            }

            if (news?.Result is { } told && (told.Canceled || told.Events is { Count: > 0 }))
            {
                yield return told;
            }
        }
    }

    private async ValueTask<TAnswer> Call<TRequest, TAnswer>(
        string path, TRequest request, JsonTypeInfo<TRequest> ask, JsonTypeInfo<TAnswer> answer, CancellationToken cancellation)
    {
        using var response = await Send(path, request, ask, cancellation);
        try
        {
            await using var body = await response.Content.ReadAsStreamAsync(cancellation);
            return (await JsonSerializer.DeserializeAsync(body, answer, cancellation))!;
        }
        catch (Exception error) when (error is HttpRequestException or IOException or JsonException)
        {
            throw Broken(error);
        }
    }

    private async ValueTask<HttpResponseMessage> Send<TRequest>(
        string path, TRequest request, JsonTypeInfo<TRequest> ask, CancellationToken cancellation)
    {
        if (_credential is null)
        {
            return await Send(path, request, ask, null, cancellation);
        }

        var token = _token ?? await SignIn(_credential, cancellation);
        try
        {
            return await Send(path, request, ask, token, cancellation);
        }
        catch (FuryException old) when (old.Code == FuryErrorCode.Unauthenticated)
        {
            // etcd forgets its tokens after minutes, and when it starts anew; what it has refused has not happened.
            return await Send(path, request, ask, await SignIn(_credential, cancellation), cancellation);
        }
    }

    private async ValueTask<string> SignIn(EnvironmentCredential credential, CancellationToken cancellation)
    {
        var who = new EtcdSignIn(credential[0]!, credential[1]!);
        try
        {
            using var response = await Send("auth/authenticate", who, EtcdJson.Default.EtcdSignIn, null, cancellation);
            var signed = await JsonSerializer.DeserializeAsync(
                await response.Content.ReadAsStreamAsync(cancellation), EtcdJson.Default.EtcdSignedIn, cancellation);
            return _token = signed?.Token ?? throw new FuryException(FuryErrorCode.Unauthenticated, "etcd gave no token for the credential of the binding.");
        }
        catch (FuryException refused) when (refused is { IsTransient: false, Code: not FuryErrorCode.Unavailable })
        {
            throw new FuryException(FuryErrorCode.Unauthenticated, $"etcd refused the credential of the binding: {refused.Message}", refused);
        }
        catch (FuryException broken) when (broken.OutcomeUnknown)
        {
            // What the sign-in stands before was not asked yet.
            throw new FuryException(broken.Code, broken.Message, broken) { IsTransient = broken.IsTransient, ProviderCode = broken.ProviderCode };
        }
        catch (Exception error) when (error is HttpRequestException or IOException or JsonException)
        {
            throw new FuryException(FuryErrorCode.Unavailable, "The connection to etcd broke before it had answered.", error) { IsTransient = true };
        }
    }

    private async ValueTask<HttpResponseMessage> Send<TRequest>(
        string path, TRequest request, JsonTypeInfo<TRequest> ask, string? token, CancellationToken cancellation)
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, new Uri(Endpoint, "/v3/" + path));
        if (token is not null)
        {
            message.Headers.TryAddWithoutValidation("Authorization", token);
        }

        message.Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(request, ask));
        message.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        HttpResponseMessage response;
        try
        {
            response = await _http.SendAsync(message, cancellation);
        }
        catch (Exception error) when (error is HttpRequestException or IOException)
        {
            throw Broken(error);
        }

        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        using (response)
        {
            throw Explain(await Refusal(response, cancellation), (int)response.StatusCode);
        }
    }

    /// <summary>A request that found no connection was not sent; of any other nobody knows.</summary>
    private FuryException Broken(Exception error) =>
        error is HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } ? TlsTrust.Failed("etcd", Endpoint, error)
            : error is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError }
            ? new FuryException(FuryErrorCode.Unavailable, $"etcd at {Endpoint.Authority} cannot be reached.", error) { IsTransient = true }
            : new FuryException(FuryErrorCode.Unavailable, "The connection to etcd broke before it had answered.", error)
            {
                IsTransient = true,
                OutcomeUnknown = true,
            };

    private static async Task<EtcdRefusal> Refusal(HttpResponseMessage response, CancellationToken cancellation)
    {
        try
        {
            return JsonSerializer.Deserialize(await response.Content.ReadAsByteArrayAsync(cancellation), EtcdJson.Default.EtcdRefusal)!;
        }
        catch (Exception error) when (error is HttpRequestException or IOException or JsonException)
        {
            return new EtcdRefusal(null, 14);
        }
    }

    /// <summary>etcd that has no leader, or waited too long for one, may have done it all the same.</summary>
    private static FuryException Explain(EtcdRefusal refusal, int status)
    {
        var text = refusal.Message ?? $"HTTP {status}";
        var (code, transient, unknown) = refusal.Code switch
        {
            3 when text.Contains("user name is empty", StringComparison.Ordinal) => (FuryErrorCode.Unauthenticated, false, false),
            3 when text.Contains("too large", StringComparison.Ordinal) => (FuryErrorCode.PayloadTooLarge, false, false),
            4 or 14 => (FuryErrorCode.Unavailable, true, true),
            5 => (FuryErrorCode.NotFound, false, false),
            7 => (FuryErrorCode.PermissionDenied, false, false),
            8 when text.Contains("too many", StringComparison.Ordinal) => (FuryErrorCode.Throttled, true, false),
            8 => (FuryErrorCode.QuotaExceeded, false, false),
            WrongToken => (FuryErrorCode.Unauthenticated, false, false),
            _ => (FuryErrorCode.Unknown, false, status >= 500),
        };
        return new FuryException(code, $"etcd refused: {text}") { IsTransient = transient, OutcomeUnknown = unknown, ProviderCode = $"{refusal.Code}" };
    }
}
