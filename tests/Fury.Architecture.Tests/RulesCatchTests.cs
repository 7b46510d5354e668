namespace Fury.Architecture.Tests;

/// <summary>Each rule on a made-up house that breaks it: a rule that was never seen red proves nothing.</summary>
public sealed class RulesCatchTests
{
    [Fact]
    public void A_closed_door_is_caught() =>
        Assert.Equal(
            ["Fury.Mesh -> Fury.Catalog is not an allowed door."],
            Rules.ClosedDoors([RoomOf("Fury.Mesh", "Fury.Catalog")], Doors("Fury.Mesh")));

    [Fact]
    public void A_door_that_nobody_uses_is_caught() =>
        Assert.Equal(
            ["Fury.Mesh -> Fury.Kernel is allowed but unused; remove the row."],
            Rules.ClosedDoors([RoomOf("Fury.Mesh")], Doors("Fury.Mesh", "Fury.Kernel")));

    [Fact]
    public void A_room_without_a_row_is_caught() =>
        Assert.Equal(["Fury.Shed has no row in Rules.Doors."], Rules.ClosedDoors([RoomOf("Fury.Shed")], Doors("Fury.Mesh")));

    [Fact]
    public void A_public_type_in_an_inside_is_caught() =>
        Assert.Single(Rules.OpenInsides([new Room("Fury.Mesh", new HashSet<string>(), [typeof(RulesCatchTests)])]));

    [Fact]
    public void A_foreign_type_in_contracts_is_caught() =>
        Assert.NotEmpty(Rules.ForeignTypesInContracts([new Room("Fury.X.Contracts", new HashSet<string>(), [typeof(ShowsAForeignType)])]));

    [Fact]
    public void A_query_on_another_schema_is_caught() =>
        Assert.Single(Rules.ForeignSchemas(
            [FileOf("src/Modules/Mesh/Fury.Mesh/Feed.cs", "select id from standard.pool")], Rules.Schemas));

    [Fact]
    public void A_provider_word_in_deployments_is_caught() =>
        Assert.Single(Rules.ProviderWords([FileOf("src/Modules/Deployments/Fury.Deployments/X.cs", "// asks Envoy")]));

    [Fact]
    public void A_word_of_an_orchestrator_in_the_face_of_clusters_is_caught() =>
        Assert.Single(Rules.OrchestratorWords([FileOf("src/Modules/ClusterApi/Fury.ClusterApi.Contracts/X.cs", "// the name of a pod")]));

    [Fact]
    public void A_long_file_is_caught() =>
        Assert.Single(Tidy.LongFiles([FileOf("a.cs", [.. Enumerable.Repeat("", Tidy.FileLinesMax + 1)])]));

    [Fact]
    public void A_long_line_is_caught() => Assert.Single(Tidy.LongLines([FileOf("a.cs", new string('x', Tidy.LineLengthMax + 1))]));

    [Theory]
    [InlineData("var now = DateTime.UtcNow;")]
    [InlineData("var dice = new Random();")]
    [InlineData("var id = Guid.NewGuid();")]
    [InlineData("await using var connection = await database.Source.OpenConnectionAsync(cancellation);")]
    [InlineData("Thread.Sleep(1);")]
    [InlineData("// TODO later")]
    [InlineData("#region more")]
    public void A_banned_word_is_caught(string line) => Assert.Single(Tidy.BannedWords([FileOf("src/a.cs", line)]));

    [Theory]
    [InlineData("using Fury.Sdk.Moving;", "using Fury.Sdk;")]
    [InlineData("using Fury.Kernel;", "using System.Text;")]
    public void Usings_out_of_order_are_caught(string first, string second) => Assert.Single(Tidy.UnsortedUsings([FileOf("src/a.cs", first, second)]));

    [Fact]
    public void A_banned_word_with_its_reason_on_the_line_passes() =>
        Assert.Empty(Tidy.BannedWords([FileOf("src/a.cs", "Random.Shared.Next(); // tidy: only jitter")]));

    [Fact]
    public void A_second_title_and_a_dead_link_are_caught() =>
        Assert.Equal(
            2,
            Tidy.BrokenDocuments([FileOf("docs/a.md", "# One", "# Two", "[gone](gone.md) [there](there.md)")], path => path.EndsWith("there.md"))
                .Count());

    private static Room RoomOf(string name, params string[] references) => new(name, references.ToHashSet(), []);

    private static Dictionary<string, string[]> Doors(string room, params string[] allowed) => new() { [room] = allowed };

    private static SourceFile FileOf(string path, params string[] lines) => new(path, lines);

    private sealed class ShowsAForeignType
    {
        public FactAttribute? Fact { get; set; }
    }
}
