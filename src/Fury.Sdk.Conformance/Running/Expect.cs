using System.Runtime.CompilerServices;
using System.Text;

namespace Fury.Sdk.Conformance;

/// <summary>What the tests hold answers against.</summary>
internal static class Expect
{
    public static void True(bool condition, [CallerArgumentExpression(nameof(condition))] string text = "")
    {
        if (!condition)
        {
            throw new ConformanceException($"Not so: {text}");
        }
    }

    public static void Equal<T>(T expected, T actual, [CallerArgumentExpression(nameof(actual))] string text = "")
    {
        if (!EqualityComparer<T>.Default.Equals(expected, actual))
        {
            throw new ConformanceException($"{text} is '{actual}', not '{expected}'.");
        }
    }

    public static void Sequence<T>(IEnumerable<T> expected, IEnumerable<T> actual, [CallerArgumentExpression(nameof(actual))] string text = "")
    {
        var (wanted, given) = (expected.ToList(), actual.ToList());
        if (!wanted.SequenceEqual(given))
        {
            throw new ConformanceException($"{text} is [{string.Join(", ", given)}], not [{string.Join(", ", wanted)}].");
        }
    }

    public static T NotNull<T>(T? value, [CallerArgumentExpression(nameof(value))] string text = "")
        where T : class => value ?? throw new ConformanceException($"{text} is null.");

    /// <summary>Fails with this code, and no other.</summary>
    public static async Task<FuryException> Fails(FuryErrorCode code, Func<Task> act, [CallerArgumentExpression(nameof(act))] string text = "")
    {
        try
        {
            await act();
        }
        catch (FuryException error) when (error.Code == code)
        {
            return error;
        }
        catch (FuryException error)
        {
            throw new ConformanceException($"{text} failed with {error.Code}, not {code}: {error.Message}");
        }

        throw new ConformanceException($"{text} did not fail with {code}.");
    }

    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    public static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);

    public static async Task<List<T>> All<T>(IAsyncEnumerable<T> items)
    {
        List<T> all = [];
        await foreach (var item in items)
        {
            all.Add(item);
        }

        return all;
    }
}

/// <summary>Shortens the lists of tests.</summary>
internal sealed record Section(ServiceKind Kind, ConformanceLevel Level)
{
    public ConformanceTest Core(string name, Func<ConformanceRun, Task> body) => new(name, Kind, Level, [], body);

    public ConformanceTest With(Capability capability, string name, Func<ConformanceRun, Task> body) => new(name, Kind, Level, [capability], body);

    public ConformanceTest With(Capability[] capabilities, string name, Func<ConformanceRun, Task> body) =>
        new(name, Kind, Level, capabilities, body);

    public ConformanceTest Probe(Capability capability, string name, Func<ConformanceRun, Task> body) =>
        With(capability, name, body) with { IsProbe = true };
}

/// <summary>Text that is legal and unusual.</summary>
internal static class Hostile
{
    public static IReadOnlyList<string> Keys { get; } =
    [
        "../up", "a//b", "/root", "trailing.", "trailing ", " leading", "a\\b", "a\nb", "a\tb", "\u0001", "%2e%2e%2f", "a%", "a?b#c", "a:b*c|d",
        "a\"b'c`d", "ключ", "鍵", "🔑", "e\u0301", "\u00e9", "a+b c", "NUL", "con", "a..b", ".", "..", "{x}", "[a-z]*", new('k', 1024),
    ];
}
