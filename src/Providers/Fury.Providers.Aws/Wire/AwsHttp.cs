using System.Text;
using Amazon.Runtime;
using Fury.Kernel;
using Fury.Providers.Aws.Access;

namespace Fury.Providers.Aws.Wire;

/// <summary>Sends a call, signed, once; once more where the credentials had ended and there are others. What never arrives is unavailable.</summary>
internal sealed class AwsHttp(AwsAccess access, AwsEndpoints endpoints, TimeProvider clock) : IDisposable
{
    private const int AnswerBytesMax = 64 << 20;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        ConnectTimeout = TimeSpan.FromSeconds(5),
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        AutomaticDecompression = System.Net.DecompressionMethods.All,
    })
    {
        Timeout = Deadline,
        MaxResponseContentBufferSize = AnswerBytesMax,
    };

    public async Task<Outcome<AwsAnswer>> Send(AwsRequest request, CancellationToken cancellation)
    {
        for (var renewed = false; ; renewed = true)
        {
            var credentials = await access.Get(cancellation);
            if (!credentials.IsOk)
            {
                return credentials.Fault;
            }

            var answer = await Once(request, credentials.Value, cancellation);
            if (renewed || !answer.IsOk || !AwsErrors.SaysExpired(answer.Value) || !await access.Renew(credentials.Value, cancellation))
            {
                return answer;
            }
        }
    }

    /// <summary>An address that says who its maker is, to whoever opens it before it ends.</summary>
    public async Task<Outcome<Uri>> Presigned(
        AwsRequest request, IReadOnlyDictionary<string, string> headers, TimeSpan ends, CancellationToken cancellation)
    {
        var credentials = await access.Get(cancellation);
        return credentials.Then<Uri>(known =>
        {
            var address = endpoints.Of(request.Service, request.Region);
            return new Uri(address, $"?{SigV4.PresignedQuery(request, address.Authority, headers, ends, known, clock.GetUtcNow())}");
        });
    }

    public void Dispose() => _http.Dispose();

    private async Task<Outcome<AwsAnswer>> Once(AwsRequest request, ImmutableCredentials credentials, CancellationToken cancellation)
    {
        var address = endpoints.Of(request.Service, request.Region);
        var query = request.Query.Count == 0 ? "" : $"?{AwsRequest.Encoded(request.Query)}";
        using var message = new HttpRequestMessage(new(request.Method), new Uri(address, request.Path + query));
        if (request.ContentType is not null)
        {
            message.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(request.Body));
        }

        foreach (var (name, value) in SigV4.Headers(request, address.Authority, credentials, clock.GetUtcNow()))
        {
            if (name == "content-type")
            {
                message.Content!.Headers.TryAddWithoutValidation(name, value);
            }
            else if (name != "host")
            {
                message.Headers.TryAddWithoutValidation(name, value);
            }
        }

        try
        {
            using var answer = await _http.SendAsync(message, cancellation);
            var type = answer.Headers.TryGetValues("x-amzn-errortype", out var types) ? types.First() : null;
            return new AwsAnswer((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(cancellation), type);
        }
        catch (Exception failed) when (!cancellation.IsCancellationRequested && failed is HttpRequestException or IOException or OperationCanceledException)
        {
            return Fault.Unavailable($"AWS {request.Service} in '{request.Region}' does not answer: {Why(failed)}.", failed);
        }
    }

    private static string Why(Exception failed) => failed switch
    {
        TaskCanceledException => $"nothing came within {Deadline.TotalSeconds} s",
        HttpRequestException { HttpRequestError: not HttpRequestError.Unknown and var error } => error.ToString(),
        _ => failed.GetType().Name,
    };
}
