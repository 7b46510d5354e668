using Fury.Sdk;

namespace Fury.Services.Gateway;

/// <summary>
/// How much this host does for instances at once. What is more is refused before anything of it is read or done, and may be tried again after a while.
/// </summary>
/// <param name="callsMax">Receivers are among them while they wait.</param>
/// <param name="bytesMax">Of requests, which are read whole: drivers are given parts of objects so.</param>
internal sealed class GatewayLoad(int callsMax = GatewayLoad.CallsMax, long bytesMax = GatewayLoad.BytesMax)
{
    private const int CallsMax = 10_000;
    private const long BytesMax = 512L << 20;

    /// <summary>Most calls end sooner than that.</summary>
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private int _calls;
    private long _bytes;

    /// <param name="bytes">Of the request.</param>
    /// <exception cref="FuryException"><see cref="FuryErrorCode.Throttled"/>; nothing of the call has happened.</exception>
    public Place Enter(long bytes)
    {
        var place = new Place(this, bytes);
        // Both are given back with the place, also when they are too much.
        var (calls, held) = (Interlocked.Increment(ref _calls), Interlocked.Add(ref _bytes, bytes));
        if (calls <= callsMax && held <= bytesMax)
        {
            return place;
        }

        place.Dispose();
        throw Full(calls > callsMax ? "calls" : "bytes of requests");
    }

    public static FuryException Full(string what) =>
        new(FuryErrorCode.Throttled, $"The gateway has too many {what} at once.") { IsTransient = true, RetryAfter = RetryAfter };

    /// <summary>One call's part of it.</summary>
    internal sealed class Place(GatewayLoad load, long bytes) : IDisposable
    {
        public void Dispose()
        {
            Interlocked.Add(ref load._bytes, -bytes);
            Interlocked.Decrement(ref load._calls);
        }
    }
}
