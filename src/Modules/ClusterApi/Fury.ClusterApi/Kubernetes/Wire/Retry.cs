namespace Fury.ClusterApi.Kubernetes.Wire;

/// <summary>How long to wait before a request is sent again. Pure: chance comes in as a number from 0 to 1.</summary>
internal static class Retry
{
    /// <summary>With 30 % of requests refused, one in 15,000 is refused so often.</summary>
    public const int AttemptsMax = 8;

    public static readonly TimeSpan First = TimeSpan.FromMilliseconds(100);
    public static readonly TimeSpan Max = TimeSpan.FromSeconds(5);

    /// <summary>A server that wants to be left alone for longer is told of to the caller, who may have better to do than to wait.</summary>
    public static readonly TimeSpan RetryAfterMax = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Never sooner than the server asked, and spread above that, so that those who were refused together do not come back together.
    /// </summary>
    /// <param name="attempt">The one that has failed, from 1.</param>
    /// <returns>Null: give up.</returns>
    public static TimeSpan? Pause(int attempt, TimeSpan? retryAfter, double chance)
    {
        if (attempt >= AttemptsMax || retryAfter > RetryAfterMax)
        {
            return null;
        }

        var backoff = Backoff(attempt);
        return (retryAfter ?? backoff / 2) + (backoff / 2 * chance);
    }

    /// <summary>For what goes on for ever, such as a watch of a cluster that is down.</summary>
    public static TimeSpan Endless(int failures, double chance) => (Backoff(failures) / 2) + (Backoff(failures) / 2 * chance);

    private static TimeSpan Backoff(int attempt)
    {
        var grown = First * Math.Pow(2, Math.Min(attempt - 1, 20));
        return grown < Max ? grown : Max;
    }
}
