using Fury.Kernel;
using Fury.Providers.Clouds;

namespace Fury.Providers.Azure;

/// <summary>Speaks with the Azure Resource Manager, and follows the pages of its lists.</summary>
internal sealed class AzureWire(AzureOptions options, IBearerTokens tokens, CloudCalls calls, TimeProvider clock) : IDisposable
{
    /// <summary>A list that is longer is a fault, so that none is taken for whole that is not.</summary>
    private const int PagesMax = 2000;

    private readonly RestWire _wire = new(
        new(
            "Azure",
            options.CallTimeout,
            AzureJson.Options,
            (answer, body, what) => AzureFaults.Of(answer.StatusCode, answer.Headers.RetryAfter?.Delta, body, what)),
        tokens,
        calls,
        clock);

    public Task<Outcome<T>> Send<T>(RestCall call, CancellationToken cancellation) => _wire.Send<T>(call, cancellation);

    public async Task<Outcome<List<T>>> All<T>(RestCall first, CancellationToken cancellation)
    {
        var all = new List<T>();
        var call = first;
        for (var page = 0; page < PagesMax; page++)
        {
            var answer = await Send<AzurePage<T>>(call, cancellation);
            if (!answer.IsOk)
            {
                return answer.Fault;
            }

            all.AddRange(answer.Value.Value);
            if (answer.Value.NextLink is not { } next)
            {
                return all;
            }

            // The token goes along, and is for nobody else.
            if (!next.IsAbsoluteUri || next.Authority != options.Endpoint.Authority || next.Scheme != options.Endpoint.Scheme)
            {
                return Fault.Unavailable($"Azure continues a list somewhere else than at '{options.Endpoint.Authority}', to {first.What}.");
            }

            call = first with { Address = next };
        }

        return Fault.Unavailable($"To {first.What} takes more than {PagesMax} pages.");
    }

    public void Dispose() => _wire.Dispose();
}
