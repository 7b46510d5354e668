namespace Fury.Providers.Clouds;

/// <summary>Many calls of the same kind, with a bound on how many are under way.</summary>
internal static class AtOnce
{
    public const int Max = 32;

    /// <summary>The answers, in the order of what was asked.</summary>
    public static async Task<TAnswer[]> Each<T, TAnswer>(IReadOnlyCollection<T> all, Func<T, Task<TAnswer>> ask)
    {
        using var turns = new SemaphoreSlim(Max);
        return await Task.WhenAll(all.Select(async one =>
        {
            await turns.WaitAsync();
            try
            {
                return await ask(one);
            }
            finally
            {
                turns.Release();
            }
        }));
    }
}
