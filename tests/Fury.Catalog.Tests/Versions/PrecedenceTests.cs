using Fury.Catalog.Versions;
using Fury.Kernel;

namespace Fury.Catalog.Tests.Versions;

public sealed class PrecedenceTests
{
    /// <summary>The example of semver.org §11, with numbers of different lengths and build metadata between.</summary>
    private static readonly string[] Ascending =
    [
        "0.0.1", "0.9.0", "0.10.0", "1.0.0-0", "1.0.0-9", "1.0.0-10", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-alpha-1",
        "1.0.0-beta", "1.0.0-beta+build.1", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "1.0.0+build.1", "1.0.0+build.2", "1.0.1",
        "2.0.0", "10.0.0", "999999999999.0.0",
    ];

    [Fact]
    public void Texts_sort_as_semantic_versioning_says()
    {
        var shuffled = Ascending.OrderBy(text => text.Length).Select(VersionName.Parse);

        Assert.Equal(Ascending, shuffled.OrderBy(Precedence.Of, StringComparer.Ordinal).Select(version => version.Value));
    }

    [Fact]
    public void Any_two_versions_compare_as_their_parts_do()
    {
        const int Seed = 20261121;
        var random = new Random(Seed);
        for (var round = 0; round < 20_000; round++)
        {
            var (one, other) = (AnyVersion(random), AnyVersion(random));
            var texts = string.CompareOrdinal(Precedence.Of(VersionName.Parse(one)), Precedence.Of(VersionName.Parse(other)));
            Assert.True(Math.Sign(texts) == Math.Sign(Compare(one, other)), $"{one} and {other}, seed {Seed}, round {round}");
        }
    }

    private static string AnyVersion(Random random)
    {
        string[] identifiers = ["0", "1", "2", "10", "a", "b", "a-1", "ab", "-", "1a"];
        var core = $"{random.Next(3)}.{random.Next(12)}.{random.Next(3)}";
        var parts = Enumerable.Range(0, random.Next(4)).Select(_ => identifiers[random.Next(identifiers.Length)]).ToArray();
        return parts.Length == 0 ? core : $"{core}-{string.Join('.', parts)}";
    }

    /// <summary>The rules of semver.org §11, read part by part.</summary>
    private static int Compare(string one, string other)
    {
        var (oneCore, oneRest) = Split(one);
        var (otherCore, otherRest) = Split(other);
        for (var index = 0; index < 3; index++)
        {
            if (oneCore[index] != otherCore[index])
            {
                return oneCore[index].CompareTo(otherCore[index]);
            }
        }

        if (oneRest.Length == 0 || otherRest.Length == 0)
        {
            return otherRest.Length.CompareTo(oneRest.Length);
        }

        foreach (var (left, right) in oneRest.Zip(otherRest))
        {
            var order = (int.TryParse(left, out var leftNumber), int.TryParse(right, out var rightNumber)) switch
            {
                (true, true) => leftNumber.CompareTo(rightNumber),
                (true, false) => -1,
                (false, true) => 1,
                _ => string.CompareOrdinal(left, right),
            };
            if (order != 0)
            {
                return order;
            }
        }

        return oneRest.Length.CompareTo(otherRest.Length);
    }

    private static (int[] Core, string[] PreRelease) Split(string version)
    {
        var dash = version.IndexOf('-');
        return dash < 0
            ? ([.. version.Split('.').Select(int.Parse)], [])
            : ([.. version[..dash].Split('.').Select(int.Parse)], version[(dash + 1)..].Split('.'));
    }
}
