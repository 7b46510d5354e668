using Fury.Kernel;
using Fury.Providers.Clouds;

namespace Fury.Providers.Gcp;

/// <summary>Speaks Google's REST, with its pages.</summary>
internal sealed class GcpWire(GcpOptions options, GcpTokens tokens, CloudCalls calls, TimeProvider clock) : IDisposable
{
    /// <summary>A list that is longer is a fault, so that none is taken for whole that is not.</summary>
    public const int PagesMax = 1000;

    /// <summary>The most that Compute Engine gives at once.</summary>
    public const int PageSize = 500;

    private readonly RestWire _wire = new(
        new("Google Cloud", options.CallTimeout, GcpJson.Options, (answer, body, what) => GcpFaults.Of(answer.StatusCode, body, what)), tokens, calls, clock);

    public Task<Outcome<T>> Send<T>(RestCall call, CancellationToken cancellation) => _wire.Send<T>(call, cancellation);

    /// <summary>All pages of a list. What comes into being between two pages may move something from the one into the other: then it is there twice.</summary>
    /// <param name="query">Of each page, without its token and size.</param>
    public async Task<Outcome<List<T>>> All<T>(
        string target, Uri address, string what, (string Name, object? Value)[] query, CancellationToken cancellation, int pagesMax = PagesMax)
    {
        var all = new List<T>();
        string? token = null;
        for (var page = 0; page < pagesMax; page++)
        {
            var paged = new Uri(address, Query.Of([.. query, ("maxResults", PageSize), ("pageToken", token)]));
            var answer = await Send<GcePage<T>>(new(target, HttpMethod.Get, paged, what), cancellation);
            if (!answer.IsOk)
            {
                return answer.Fault;
            }

            all.AddRange(answer.Value.Items);
            token = answer.Value.NextPageToken;
            if (string.IsNullOrEmpty(token))
            {
                return all;
            }
        }

        return Fault.Unavailable($"To {what} takes more than {pagesMax} pages.");
    }

    public void Dispose() => _wire.Dispose();
}
