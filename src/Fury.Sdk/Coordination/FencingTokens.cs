namespace Fury.Sdk.Coordination;

/// <summary>
/// A token is the binding's epoch (23 bits) above the provider's counter (40 bits), so it grows with each holder and with each switch of the
/// provider, whose counter begins anew.
/// </summary>
internal static class FencingTokens
{
    private const int CounterBits = 40;

    public static long Make(long epoch, long counter) =>
        epoch is >= 0 and < 1L << 23 && counter is >= 0 and < 1L << CounterBits
            ? (epoch << CounterBits) | counter
            : throw new FuryException(FuryErrorCode.Internal, $"A fencing token cannot be made of epoch {epoch} and counter {counter}.");
}
