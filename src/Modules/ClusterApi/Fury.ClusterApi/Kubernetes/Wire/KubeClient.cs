using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Fury.ClusterApi.Kubernetes.Access;
using Fury.Kernel;

namespace Fury.ClusterApi.Kubernetes.Wire;

/// <summary>
/// Sends requests to one API server: no more at once than it bears, each with a deadline, again when it was refused for a reason that passes.
/// </summary>
internal sealed class KubeClient(
    Uri server, KubeConnection connection, IKubeCredentials credentials, TimeProvider clock, Random chance) : IDisposable
{
    /// <summary>The largest answer: a page of 500 pods with everything that people write into them.</summary>
    private const int BodyBytesMax = 64 << 20;
    private const int RefusalBytesMax = 1 << 20;

    /// <summary>On a 401 after which there may be another credential; worth one more attempt.</summary>
    private const string RenewedFact = "credential-renewed";
    private const string AfterHeader = "Retry-After";

    /// <summary>A watch's bounds are its own; this is for its headers.</summary>
    private static readonly TimeSpan OpenTimeout = TimeSpan.FromSeconds(30);

    private static readonly ProductInfoHeaderValue Agent = new("fury", "1.0");

    private readonly AdaptiveGate _gate = new(clock);

    public TimeProvider Clock => clock;

    public double Chance()
    {
        lock (chance)
        {
            return chance.NextDouble();
        }
    }

    /// <summary>The answer, whole.</summary>
    public async Task<Outcome<JsonElement>> Call(KubeCall call, CancellationToken cancellation)
    {
        var renewed = false;
        for (var attempt = 1; ; attempt++)
        {
            var tried = await Try(call, cancellation);
            var isRenewal = tried.Answer.Fault?.Facts.ContainsKey(RenewedFact) ?? false;
            if (tried.IsFinal || (isRenewal && renewed))
            {
                return tried.Answer;
            }

            renewed |= isRenewal;
            if (Retry.Pause(attempt, tried.After, Chance()) is not { } pause)
            {
                return tried.Answer;
            }

            ClusterApiMetrics.Retries.Add(1, new KeyValuePair<string, object?>("why", tried.Answer.Fault!.Kind.ToString()));
            await Task.Delay(pause, clock, cancellation);
        }
    }

    /// <summary>
    /// An answer that goes on: a watch, a log. Sent once; whoever reads it knows how to go on after a cut. The caller disposes it.
    /// </summary>
    public async Task<Outcome<KubeStream>> Open(KubeCall call, CancellationToken cancellation)
    {
        var credential = await credentials.Get(cancellation);
        if (!credential.IsOk)
        {
            return credential.Fault;
        }

        // It ends with the caller, and its headers with a timeout that is taken away once they have come.
        var lifetime = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var headers = new CancellationTokenSource(OpenTimeout, clock);
        HttpResponseMessage? response = null;
        try
        {
            await using (headers.Token.UnsafeRegister(_ => lifetime.Cancel(), null))
            {
                using var request = Request(call, credential.Value);
                response = await connection.Client.SendAsync(request, lifetime.Token);
            }

            if (response.IsSuccessStatusCode)
            {
                var stream = new KubeStream(response, await response.Content.ReadAsStreamAsync(lifetime.Token), lifetime);
                response = null;
                lifetime = null;
                return stream;
            }

            return await Refusal(call, response, credential.Value, lifetime.Token);
        }
        catch (Exception failure) when (IsTransport(failure, cancellation))
        {
            return connection.FaultOf(failure);
        }
        finally
        {
            response?.Dispose();
            lifetime?.Dispose();
        }
    }

    public void Dispose()
    {
        connection.Dispose();
        (credentials as IDisposable)?.Dispose();
    }

    private async Task<Attempt> Try(KubeCall call, CancellationToken cancellation)
    {
        var credential = await credentials.Get(cancellation);
        if (!credential.IsOk)
        {
            return new(credential.Fault, IsFinal: true);
        }

        if (!await _gate.Enter(cancellation))
        {
            return new(new Fault(FaultKind.Throttled, $"{AdaptiveGate.WaitingMax} requests to the cluster wait already."), IsFinal: true);
        }

        var begun = clock.GetTimestamp();
        TimeSpan? took = null;
        var refused = false;
        try
        {
            using var timeout = new CancellationTokenSource(call.Timeout, clock);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellation, timeout.Token);
            using var request = Request(call, credential.Value);
            using var response = await connection.Client.SendAsync(request, both.Token);
            took = clock.GetElapsedTime(begun);
            refused = response.StatusCode == HttpStatusCode.TooManyRequests;
            if (response.IsSuccessStatusCode)
            {
                return new(await ReadJson(call, response, both.Token), IsFinal: true);
            }

            var fault = await Refusal(call, response, credential.Value, both.Token);
            var again = fault.Kind is FaultKind.Throttled or FaultKind.Unavailable || fault.Facts.ContainsKey(RenewedFact);
            return new(fault, IsFinal: !again, RetryAfter(response));
        }
        catch (Exception failure) when (IsTransport(failure, cancellation))
        {
            var fault = connection.FaultOf(failure);
            return new(fault, IsFinal: fault.Kind != FaultKind.Unavailable);
        }
        catch (JsonException)
        {
            return new(Fault.Unavailable($"The cluster's answer to {call.Verb} {call.Resource} is no JSON."), IsFinal: true);
        }
        finally
        {
            _gate.Leave(took, refused);
        }
    }

    private async Task<Fault> Refusal(KubeCall call, HttpResponseMessage response, Credential credential, CancellationToken cancellation)
    {
        var body = Encoding.UTF8.GetString(await Bounded.Read(response.Content, RefusalBytesMax, cancellation) ?? []);
        var fault = KubeFaults.Of(response.StatusCode, body, call);
        if (RetryAfter(response) is { } after)
        {
            fault = fault.With(KubeFaults.AfterFact, (int)Math.Ceiling(after.TotalSeconds));
        }

        return response.StatusCode == HttpStatusCode.Unauthorized && credentials.Refused(credential) ? fault.With(RenewedFact, "true") : fault;
    }

    private static async Task<Outcome<JsonElement>> ReadJson(KubeCall call, HttpResponseMessage response, CancellationToken cancellation) =>
        await Bounded.Read(response.Content, BodyBytesMax, cancellation) is { } bytes
            ? JsonElement.Parse(bytes)
            : Fault.Unavailable($"The cluster's answer to {call.Verb} {call.Resource} is larger than {BodyBytesMax} bytes.");

    private HttpRequestMessage Request(KubeCall call, Credential credential)
    {
        connection.Show(credential.Certificate);
        var request = new HttpRequestMessage(call.Method, new Uri(server, server.AbsolutePath.TrimEnd('/') + call.Path))
        {
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
            Version = server.Scheme == Uri.UriSchemeHttps ? HttpVersion.Version20 : HttpVersion.Version11,
        };
        request.Headers.Host = connection.ServerName;
        request.Headers.Accept.Add(new("application/json"));
        request.Headers.UserAgent.Add(Agent);
        if (credential.Token is { } token)
        {
            request.Headers.Authorization = new("Bearer", token);
        }

        if (call.Body is { } body)
        {
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, call.ContentType);
            request.Content.Headers.ContentType!.CharSet = null; // Some versions compare the type as a text.
        }

        return request;
    }

    private TimeSpan? RetryAfter(HttpResponseMessage response)
    {
        if (response.Headers.RetryAfter is { } after)
        {
            var wait = after.Delta ?? (after.Date is { } date ? date - clock.GetUtcNow() : null);
            return wait > TimeSpan.Zero ? wait : null;
        }

        // A value that the header's grammar does not know is no reason to come back at once.
        return response.Headers.Contains(AfterHeader) ? Retry.Max : null;
    }

    private static bool IsTransport(Exception failure, CancellationToken cancellation) =>
        !cancellation.IsCancellationRequested && failure is HttpRequestException or IOException or OperationCanceledException or InvalidDataException;

    /// <param name="IsFinal">Sending it again would not help, or is not needed.</param>
    private readonly record struct Attempt(Outcome<JsonElement> Answer, bool IsFinal, TimeSpan? After = null);
}
