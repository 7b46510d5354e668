using System.Security.Cryptography;

namespace Fury.Sdk.Resilience;

/// <summary>Chance that keeps many instances from acting at the same moment. Nothing else depends on it.</summary>
internal static class Jitter
{
    [ThreadStatic]
    private static Random? _random;

    /// <summary>From 0 to below 1; each thread's own, and another in each process.</summary>
    public static double Next() => (_random ??= new Random(RandomNumberGenerator.GetInt32(int.MaxValue))).NextDouble();
}
