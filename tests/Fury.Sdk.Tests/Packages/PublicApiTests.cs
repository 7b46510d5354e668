using System.Reflection;
using Fury.Sdk.Conformance;
using Fury.Sdk.Drivers.Postgres;
using Fury.Sdk.Drivers.RabbitMq;
using Fury.Sdk.Testing;
using Fury.Testing;

namespace Fury.Sdk.Tests.Packages;

/// <summary>
/// What the packages let others see is the approved text in <c>src/PACKAGE/PublicApi.txt</c>. <c>./dev golden</c> adds what is new to it, and leaves what is
/// gone: who takes something away takes its line away by hand, in sight of whoever reviews it.
/// </summary>
public sealed class PublicApiTests
{
    private static readonly Assembly[] Packages =
    [
        typeof(FuryException).Assembly, typeof(FuryTestHost).Assembly, typeof(ConformanceSuite).Assembly, typeof(PostgresProvider).Assembly,
        typeof(RabbitMqProvider).Assembly,
    ];

    public static TheoryData<string> Names => [.. Packages.Select(each => each.GetName().Name!)];

    [Theory]
    [MemberData(nameof(Names))]
    public void What_others_see_is_what_was_approved(string package)
    {
        var file = Path.Combine(FuryProcess.Root, "src", package, "PublicApi.txt");
        var actual = PublicApi.Of(Packages.Single(each => each.GetName().Name == package));
        Assert.NotEmpty(actual);
        var approved = File.Exists(file) ? File.ReadAllLines(file) : [];
        if (Environment.GetEnvironmentVariable("FURY_GOLDEN") == "write")
        {
            approved = [.. approved.Union(actual).Order(StringComparer.Ordinal)];
            File.WriteAllText(file, string.Join('\n', approved) + "\n");
        }

        var gone = approved.Except(actual).ToList();
        Assert.True(gone.Count == 0, $"Gone or changed, which breaks uses of {package}; if it must be, take the lines from {file}:\n{string.Join('\n', gone)}");
        var added = actual.Except(approved).ToList();
        Assert.True(added.Count == 0, $"New in {package}; if others are to have it for years, ./dev golden adds it to {file}:\n{string.Join('\n', added)}");
    }

    [Fact]
    public void A_line_says_what_a_compiler_needs()
    {
        var lines = PublicApi.Of(typeof(FuryException).Assembly);

        Assert.Contains("Fury.Sdk.FuryErrorCode.StaleBinding = 19", lines);
        Assert.Contains("Fury.Sdk.KeyValue.KeyValueStore = abstract class : Fury.Sdk.FuryService", lines);
        Assert.Contains(
            "Fury.Sdk.KeyValue.KeyValueStore.abstract GetAsync(Fury.Sdk.KeyValue.KvKey key, Fury.Sdk.CallOptions? options = default, "
            + "CancellationToken cancellationToken = default): ValueTask<Fury.Sdk.KeyValue.KvEntry?>",
            lines);
        Assert.Contains("Fury.Sdk.Platform.ApplicationSettings.Team { required get; init; }: String", lines);
        Assert.DoesNotContain(lines, line => line.Contains("Portable", StringComparison.Ordinal));
    }
}
