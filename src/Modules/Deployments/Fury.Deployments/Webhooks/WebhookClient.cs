using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;
using Fury.Kernel;

namespace Fury.Deployments.Webhooks;

/// <summary>Sends deliveries. It follows no redirect, asks no proxy, and connects to no address that the policy refuses.</summary>
internal sealed class WebhookClient : IDisposable
{
    /// <summary>From the beginning of an attempt to the head of the answer.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);

    /// <summary>After so long a name is looked up again.</summary>
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(2);

    private const int AnswerHeadersKiBMax = 16;
    private const int AnswerBytesDrainedMax = 16 * 1024;

    private readonly WebhookOptions _options;
    private readonly TimeProvider _clock;
    private readonly HttpClient _http;

    public WebhookClient(WebhookOptions options, TimeProvider clock)
    {
        (_options, _clock) = (options, clock);
        _http = new(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            ConnectTimeout = ConnectTimeout,
            PooledConnectionLifetime = ConnectionLifetime,
            MaxResponseHeadersLength = AnswerHeadersKiBMax,
            MaxResponseDrainSize = AnswerBytesDrainedMax,
            ActivityHeadersPropagator = null,
            ConnectCallback = Connect,
        })
        {
            Timeout = System.Threading.Timeout.InfiniteTimeSpan,
        };
        _http.DefaultRequestHeaders.UserAgent.ParseAdd("Fury");
    }

    /// <summary>Null when it was taken (2xx), otherwise why it was not, for people.</summary>
    public async Task<string?> Post(Delivery delivery, CancellationToken cancellation)
    {
        using var deadline = new CancellationTokenSource(Timeout, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellation);
        try
        {
            using var request = Request(delivery);
            using var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            return answer.IsSuccessStatusCode ? null
                : (int)answer.StatusCode is >= 300 and < 400 ? $"It answered {(int)answer.StatusCode}; redirects are not followed."
                : $"It answered {(int)answer.StatusCode}.";
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return $"It did not answer within {Timeout.TotalSeconds} s.";
        }
        catch (Exception failure) when (!cancellation.IsCancellationRequested)
        {
            // Whatever it was, it must count as an attempt, or it would never be given up.
            return Innermost(failure).Message;
        }
    }

    public void Dispose() => _http.Dispose();

    private HttpRequestMessage Request(Delivery delivery)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes<object>(delivery.Notice, FuryJson.Options);
        var timestamp = _clock.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var request = new HttpRequestMessage(HttpMethod.Post, delivery.Url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Add("Fury-Delivery", delivery.Id.ToString(CultureInfo.InvariantCulture));
        request.Headers.Add("Fury-Timestamp", timestamp);
        request.Headers.Add("Fury-Signature", Signature.Of(delivery.Secret, timestamp, body));
        return request;
    }

    /// <summary>The address that was looked at is the one that is connected to: what the name stands for a moment later does not matter.</summary>
    private async ValueTask<Stream> Connect(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        var addresses = await Dns.GetHostAddressesAsync(host, cancellation);
        Exception? failure = null;
        foreach (var address in addresses.Where(_options.Addresses.May))
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(new IPEndPoint(address, port), cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (Exception refused)
            {
                socket.Dispose();
                cancellation.ThrowIfCancellationRequested();
                failure = refused;
            }
        }

        throw failure ?? new IOException($"{host} is a private or reserved address, and not in the networks that are allowed.");
    }

    private static Exception Innermost(Exception failure) => failure.InnerException is { } inner ? Innermost(inner) : failure;
}
