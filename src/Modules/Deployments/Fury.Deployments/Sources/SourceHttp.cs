using System.Net;
using System.Text.Json;
using Fury.Kernel;

namespace Fury.Deployments.Sources;

/// <summary>Asks a source over HTTP. It follows no redirect, waits and reads no longer than is said here, and repeats no secret.</summary>
internal sealed class SourceHttp(SourceOptions options, HttpMessageHandler handler, TimeProvider clock) : IDisposable
{
    /// <summary>From the question to the end of the answer.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    private const int AnswerBytesMax = 8 * 1024 * 1024;
    private const int WordsLengthMax = 200;

    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(2);

    private readonly HttpClient _http = new(handler) { Timeout = System.Threading.Timeout.InfiniteTimeSpan };

    public SourceHttp(SourceOptions options, TimeProvider clock)
        : this(
            options,
            new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                UseCookies = false,
                UseProxy = !options.Url.IsLoopback,
                ConnectTimeout = ConnectTimeout,
                PooledConnectionLifetime = ConnectionLifetime,
                ActivityHeadersPropagator = null,
            },
            clock)
    {
    }

    private string Named => $"Source {options.Name}";

    /// <summary>The JSON of an answer that says it is one. Faults as <see cref="IMetricSource.Read"/> has them.</summary>
    /// <param name="credentials">By the name of the header.</param>
    public async Task<Outcome<JsonElement>> Post(
        string path, HttpContent content, IReadOnlyDictionary<string, Secret> credentials, CancellationToken cancellation)
    {
        using var deadline = new CancellationTokenSource(Timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellation);
        Dictionary<string, string> secrets = [];
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, options.Url.AbsoluteUri.TrimEnd('/') + path) { Content = content };
            request.Headers.Accept.ParseAdd("application/json");
            foreach (var (header, secret) in credentials)
            {
                secrets[header] = secret.Read();
                request.Headers.TryAddWithoutValidation(header, header == "Authorization" ? $"Bearer {secrets[header]}" : secrets[header]);
            }

            using var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            return await Read(answer, path, credentials.Values, secrets.Values, either.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return Dark($"it does not answer within {Timeout.TotalSeconds} s");
        }
        catch (InvalidOperationException unreadable)
        {
            return Dark(unreadable.Message.TrimEnd('.'));
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException && !cancellation.IsCancellationRequested)
        {
            return Dark(Quoted(Innermost(failure).Message, secrets.Values));
        }
    }

    public void Dispose() => _http.Dispose();

    public Fault Dark(string why) => Fault.Unavailable($"{Named} is dark: {why}.");

    private async Task<Outcome<JsonElement>> Read(
        HttpResponseMessage answer, string path, IEnumerable<Secret> credentials, IReadOnlyCollection<string> secrets, CancellationToken cancellation)
    {
        var status = answer.StatusCode;
        if (status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
        {
            var right = string.Join(" and ", credentials.Select(secret => secret.Setting));
            return Dark(right.Length == 0
                ? $"it wants credentials ({(int)status}), and {SourceOptions.Section}:{options.Name} has none"
                : $"it refuses what {right} says ({(int)status})");
        }

        if ((int)status is >= 300 and < 400 || status == HttpStatusCode.NotFound)
        {
            return Dark($"it answers {(int)status} to {path}, so its Url is not that of the API, {options.Url}");
        }

        var type = answer.Content.Headers.ContentType?.MediaType;
        var isRefusal = status is HttpStatusCode.BadRequest or HttpStatusCode.UnprocessableEntity;
        if (!answer.IsSuccessStatusCode && !isRefusal)
        {
            return Dark($"it answers {(int)status}");
        }

        var bytes = await Bounded(answer.Content, cancellation);
        return bytes is null ? Fault.Invalid($"{Named} answers with more than {AnswerBytesMax / 1024 / 1024} MiB: right would be fewer series for each pool.")
            : Parsed(bytes) is { } json ? (isRefusal ? Fault.Invalid($"{Named} refuses the query: {Quoted(Words(json), secrets)}.") : json)
            : Dark($"it answers with {Quoted(type ?? "nothing", secrets)} and not with JSON, so its Url is not that of the API, {options.Url}");
    }

    /// <summary>Null when it is too long.</summary>
    private static async Task<byte[]?> Bounded(HttpContent content, CancellationToken cancellation)
    {
        await using var stream = await content.ReadAsStreamAsync(cancellation);
        using var read = new MemoryStream();
        var buffer = new byte[64 * 1024];
        for (int count; (count = await stream.ReadAsync(buffer, cancellation)) > 0;)
        {
            read.Write(buffer, 0, count);
            if (read.Length > AnswerBytesMax)
            {
                return null;
            }
        }

        return read.ToArray();
    }

    private static JsonElement? Parsed(byte[] bytes)
    {
        try
        {
            return JsonDocument.Parse(bytes).RootElement is { ValueKind: JsonValueKind.Object } found ? found : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Prometheus has <c>error</c>, Datadog <c>errors</c>.</summary>
    private static string Words(JsonElement json) =>
        json.TryGetProperty("error", out var one) ? $"{one}"
            : json.TryGetProperty("errors", out var many) ? (many.ValueKind == JsonValueKind.Array ? string.Join("; ", many.EnumerateArray()) : $"{many}")
            : "it does not say why";

    /// <summary>Words of somebody else: short, on one line, and without what they may have been told in confidence.</summary>
    private static string Quoted(string words, IEnumerable<string> secrets)
    {
        var clean = secrets.Aggregate(words, (text, secret) => text.Replace(secret, "(secret)", StringComparison.Ordinal));
        var line = new string([.. clean.Select(letter => char.IsControl(letter) ? ' ' : letter)]).Trim().TrimEnd('.');
        return line.Length <= WordsLengthMax ? line : line[..WordsLengthMax] + "…";
    }

    private static Exception Innermost(Exception failure) => failure.InnerException is { } inner ? Innermost(inner) : failure;
}
