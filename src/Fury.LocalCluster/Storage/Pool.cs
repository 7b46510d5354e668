using System.Collections.Concurrent;

namespace Fury.LocalCluster;

/// <summary>
/// One copy of each short text that very many objects share: namespaces, keys and values of labels, nodes. With a bound, so that values which are
/// all different do not stay for ever.
/// </summary>
internal static class Pool
{
    private const int TextsMax = 200_000;
    private const int LengthMax = 100;

    private static readonly ConcurrentDictionary<string, string> Texts = new();
    private static int _count;

    public static string Of(string text)
    {
        if (Texts.TryGetValue(text, out var known))
        {
            return known;
        }

        if (text.Length > LengthMax || Volatile.Read(ref _count) >= TextsMax)
        {
            return text;
        }

        Interlocked.Increment(ref _count);
        return Texts.GetOrAdd(text, text);
    }
}
