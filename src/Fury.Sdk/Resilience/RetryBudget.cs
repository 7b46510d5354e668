namespace Fury.Sdk.Resilience;

/// <summary>Lets retries be a share of all calls. Ten may come at once after a quiet time.</summary>
internal sealed class RetryBudget(double ratio)
{
    private const long RetryCost = 1000;
    private const long Most = 10 * RetryCost;

    private readonly long _perCall = (long)(Math.Clamp(ratio, 0, 1) * RetryCost);
    private long _left = Most;

    public void Earn()
    {
        if (Volatile.Read(ref _left) < Most)
        {
            Interlocked.Add(ref _left, _perCall);
        }
    }

    public bool TrySpend()
    {
        if (Interlocked.Add(ref _left, -RetryCost) >= 0)
        {
            return true;
        }

        Interlocked.Add(ref _left, RetryCost);
        return false;
    }
}
