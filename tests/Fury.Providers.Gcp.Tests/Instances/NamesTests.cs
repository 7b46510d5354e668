using System.Text.RegularExpressions;
using Fury.Providers.Clouds;
using Fury.Providers.Contracts;

namespace Fury.Providers.Gcp.Tests.Instances;

/// <summary>Over random tokens and requests of a fixed seed.</summary>
public sealed partial class NamesTests
{
    private const int Rounds = 2000;
    private const string Signs = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";
    private readonly Random _chance = new(11);

    [Fact]
    public void Every_name_is_one_that_compute_engine_takes_and_no_two_are_the_same()
    {
        var names = Tokens().SelectMany(token => new[] { 0, 1, 99 }.Select(number => Wish.Name(token, number))).ToList();

        Assert.All(names, name => Assert.Matches(Rfc1035(), name));
        Assert.Equal(names.Count, names.Distinct().Count());
    }

    [Fact]
    public void A_name_and_a_request_id_depend_on_nothing_but_the_wish()
    {
        Assert.Equal("fury-9f86d081884c7d659a2f-3", Wish.Name("test", 3));
        Assert.Equal(Wish.Fingerprint(Request("a")), Wish.Fingerprint(Request("a")));
        Assert.Equal(
            Wish.Fingerprint(Request("a") with { Tags = new Dictionary<string, string> { ["x"] = "1", ["y"] = "2" } }),
            Wish.Fingerprint(Request("a") with { Tags = new Dictionary<string, string> { ["y"] = "2", ["x"] = "1" } }));
        Assert.Equal(RequestIds.Of("n", "z", "f"), RequestIds.Of("n", "z", "f"));
    }

    [Fact]
    public void Another_wish_in_any_field_has_another_fingerprint_and_another_request_id()
    {
        var request = Request("token");
        InstanceRequest[] all =
        [
            request,
            request with { ClientToken = "other" },
            request with { Region = "other" },
            request with { ArtifactUri = "other" },
            request with { ArtifactDigest = "other" },
            request with { Command = "other" },
            request with { Arguments = ["other"] },
            request with { Environment = new Dictionary<string, string> { ["a"] = "other" } },
            request with { CpuMillis = 1 },
            request with { MemoryMiB = 1 },
            request with { Tags = new Dictionary<string, string> { ["a"] = "other" } },
            request with { Count = 2 },
            request with { Zone = "other" },
            request with { Type = "other" },
            request with { Architectures = [Kernel.Architecture.Arm64] },
            request with { Market = Market.Spot },
        ];

        var fingerprints = all.Select(Wish.Fingerprint).ToList();

        Assert.Equal(all.Length, fingerprints.Distinct().Count());
        Assert.All(fingerprints, one => Assert.Equal(40, one.Length));
        Assert.Equal(all.Length, fingerprints.Select(one => RequestIds.Of("n", "z", one)).Distinct().Count());
    }

    [Fact]
    public void A_request_id_is_a_uuid_of_its_version()
    {
        Assert.All(
            Tokens().Take(100).Select(token => RequestIds.Of(token, "z", "f")), id => Assert.Matches(@"^.{8}-.{4}-8.{3}-[89ab].{3}-.{12}$", $"{id}"));
    }

    [Fact]
    public void Zones_take_turns_and_each_is_first_about_as_often()
    {
        string[] zones = ["europe-west1-b", "europe-west1-c", "europe-west1-d"];
        var first = Tokens().Select(token => Wish.Zone(token, 0, zones)!).CountBy(zone => zone).ToDictionary();

        Assert.All(Tokens().Take(100), token => Assert.Equal(3, Enumerable.Range(0, 3).Select(n => Wish.Zone(token, n, zones)).Distinct().Count()));
        Assert.All(zones, zone => Assert.InRange(first[zone], Rounds / 4, Rounds / 2));
        Assert.All(
            Tokens().Take(100),
            token => Assert.Equal(Wish.Zone(token, 1, zones), Wish.Zone(token, 1, [.. zones.AsEnumerable().Reverse()])));
    }

    [Theory]
    [InlineData("europe-west1-b/fury-a-0", true)]
    [InlineData("us-central1-a/fury-a-0", false)]
    [InlineData("europe-west1-b/fury-a-0/more", false)]
    [InlineData("europe-west1-b", false)]
    [InlineData("europe-west1-b/a|.*", false)]
    [InlineData("europe-west1-b/", false)]
    [InlineData("europe-west1-../instances", false)]
    public void Only_what_compute_engine_may_have_named_is_asked_for(string id, bool isName) =>
        Assert.Equal(isName, GceName.Parse("europe-west1", id) is not null);

    [Fact]
    public void Labels_take_any_tag_and_different_tags_are_different_labels()
    {
        var random = Enumerable.Range(0, Rounds).Select(_ => Word(_chance.Next(0, 90)));
        var words = random.Append("").Append("fury-token").Append("fury-request").Distinct().ToList();

        Assert.All(words, word => Assert.Matches(LabelValue(), Labels.Value(word)));
        Assert.All(words.Where(word => word.Length > 0), word => Assert.Matches(LabelKey(), Labels.Key(word)));
        Assert.Equal(words.Count, words.Select(Labels.Value).Distinct().Count());
        Assert.DoesNotContain(words.Where(word => word.Length > 0).Select(Labels.Key), key => key is Labels.Token or Labels.Request);
        Assert.Equal("fury-pool", Labels.Key("fury-pool"));
        Assert.NotEqual(Labels.Value("a/b"), Labels.Value(Labels.Value("a/b")));
    }

    private IEnumerable<string> Tokens() => Enumerable.Range(0, Rounds).Select(number => $"{number}{Word(_chance.Next(1, 50))}");

    private string Word(int length) => new([.. Enumerable.Range(0, length).Select(_ => (Signs + "/: _äß")[_chance.Next(Signs.Length + 6)])]);

    private static InstanceRequest Request(string token) =>
        new(token, "r", "https://a/b", "c", [], new Dictionary<string, string>(), 100, 100, new Dictionary<string, string>());

    [GeneratedRegex(@"^[a-z]([-a-z0-9]{0,61}[a-z0-9])?\z")]
    private static partial Regex Rfc1035();

    [GeneratedRegex(@"^[a-z0-9_-]{0,63}\z")]
    private static partial Regex LabelValue();

    [GeneratedRegex(@"^[a-z][a-z0-9_-]{0,62}\z")]
    private static partial Regex LabelKey();
}
