using System.Net;
using System.Net.Sockets;

namespace Fury.Cli.Load;

/// <summary>
/// Sends requests by a plan and counts what comes back, on keep-alive connections. As strict as a client can be: a request whose connection
/// breaks is never sent again behind the counts, and an answer that ends early is none.
/// </summary>
internal sealed class LoadGenerator(LoadPlan plan, TimeProvider clock)
{
    private readonly LoadTally _tally = new();
    private DateTimeOffset _startedAt = clock.GetUtcNow();
    private long _start;
    private long _next = -1;

    /// <summary>What was seen until now.</summary>
    public LoadReport Report => _tally.Report(_startedAt, clock.GetUtcNow());

    /// <summary>
    /// Runs for the plan's duration, or until <paramref name="stop"/>: then no more requests are sent, and those under way are waited for.
    /// </summary>
    public async Task<LoadReport> Run(CancellationToken stop)
    {
        using var client = new HttpMessageInvoker(Handler());
        _startedAt = clock.GetUtcNow();
        _start = clock.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, plan.Connections).Select(_ => Task.Run(() => Work(client, stop), CancellationToken.None)));
        return Report;
    }

    private async Task Work(HttpMessageInvoker client, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var request = Interlocked.Increment(ref _next);
            var due = plan.Loop == LoadLoop.Open ? TimeSpan.FromSeconds(request / plan.Rate) : clock.GetElapsedTime(_start);
            if (due >= plan.Duration || !await Wait(due, stop))
            {
                return;
            }

            await Send(client, request, due);
        }
    }

    /// <summary>False when stopped while waiting.</summary>
    private async Task<bool> Wait(TimeSpan due, CancellationToken stop)
    {
        var early = due - clock.GetElapsedTime(_start);
        if (early < TimeSpan.FromMilliseconds(1))
        {
            // The timer knows whole milliseconds. Less than one early is as good as on time: latency then counts from the sending.
            return true;
        }

        await Task.Delay(early, clock, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return !stop.IsCancellationRequested;
    }

    private async Task Send(HttpMessageInvoker client, long request, TimeSpan due)
    {
        var sentAt = clock.GetUtcNow();
        var sent = clock.GetElapsedTime(_start);
        _tally.StartedLate(sent - due);
        var answer = await Ask(client, request);
        var latency = clock.GetElapsedTime(_start) - (sent < due ? sent : due);
        _tally.Add(answer, sentAt, clock.GetUtcNow(), latency);
    }

    private async Task<LoadAnswer> Ask(HttpMessageInvoker client, long number)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Address(number));

        // With a body, if an empty one, the handler does not repeat a request by itself when a kept connection breaks under it.
        request.Content = new ByteArrayContent([]);
        request.Headers.Host = plan.HostHeader;
        using var timeout = new CancellationTokenSource(plan.AnswerTimeout, clock);
        try
        {
            using var response = await client.SendAsync(request, timeout.Token);
            await response.Content.CopyToAsync(Stream.Null, timeout.Token);
            var status = (int)response.StatusCode;
            var proxy = Header(response, "x-fury-proxy-error");
            var reason = proxy is not null ? $"{status} by the proxy: {proxy}" : status >= 500 ? $"{status}" : null;
            return new LoadAnswer(status, Header(response, "x-version"), proxy is not null, reason);
        }
        catch (Exception broken) when (broken is HttpRequestException or IOException)
        {
            return new LoadAnswer(0, null, false, $"no answer: {broken.GetBaseException().Message}");
        }
        catch (OperationCanceledException)
        {
            return new LoadAnswer(0, null, false, $"no answer within {plan.AnswerTimeout.TotalSeconds} s");
        }
    }

    private Uri Address(long number)
    {
        if (plan.Mix is null)
        {
            return plan.Target;
        }

        var query = $"latency={plan.Mix.Milliseconds(number)}";
        return new UriBuilder(plan.Target) { Query = plan.Target.Query.Length > 1 ? $"{plan.Target.Query[1..]}&{query}" : query }.Uri;
    }

    private SocketsHttpHandler Handler() => new()
    {
        MaxConnectionsPerServer = plan.Connections,
        PooledConnectionLifetime = Timeout.InfiniteTimeSpan,
        PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1),
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        UseCookies = false,
        UseProxy = false,
        ActivityHeadersPropagator = null,
        ConnectCallback = Connect,
    };

    private static async ValueTask<Stream> Connect(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        var target = context.DnsEndPoint;
        var local = target.Host == "localhost" || target.Host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(local ? new IPEndPoint(IPAddress.Loopback, target.Port) : target, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.NonValidated.TryGetValues(name, out var values) ? values.ToString() : null;
}
