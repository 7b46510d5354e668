namespace Fury.Architecture.Tests;

/// <summary>The house as it stands keeps its rules. <see cref="RulesCatchTests"/> shows that each rule can be broken.</summary>
public sealed class ArchitectureTests
{
    [Fact]
    public void The_house_was_really_read() => Assert.Equal(Rules.Doors.Keys.Order(), House.Rooms.Select(room => room.Name).Order());

    [Fact]
    public void Every_door_is_in_the_table() => AssertNone(Rules.ClosedDoors(House.Rooms, Rules.Doors));

    [Fact]
    public void An_inside_shows_only_its_module() => AssertNone(Rules.OpenInsides(House.Rooms));

    [Fact]
    public void Contracts_show_only_their_own_types_and_the_kernels() => AssertNone(Rules.ForeignTypesInContracts(House.Rooms));

    [Fact]
    public void No_module_reads_the_schema_of_another() => AssertNone(Rules.ForeignSchemas(House.Sources(), Rules.Schemas));

    [Fact]
    public void Deployments_know_no_provider_and_no_proxy() => AssertNone(Rules.ProviderWords(House.Sources()));

    [Fact]
    public void The_face_of_clusters_knows_no_orchestrator() => AssertNone(Rules.OrchestratorWords(House.Sources()));

    [Fact]
    public void No_file_is_longer_than_three_screens() => AssertNone(Tidy.LongFiles(House.Sources()));

    [Fact]
    public void No_line_is_longer_than_the_page() => AssertNone(Tidy.LongLines(House.Sources()));

    [Fact]
    public void Usings_stand_in_their_order() => AssertNone(Tidy.UnsortedUsings(House.Sources()));

    [Fact]
    public void No_banned_word_stands_in_the_code() => AssertNone(Tidy.BannedWords(House.Sources()));

    [Fact]
    public void Documents_have_one_title_and_links_that_lead_somewhere() =>
        AssertNone(Tidy.BrokenDocuments(House.Sources(), path => Path.Exists(Path.Combine(House.Root, path))));

    /// <summary>xunit's own message cuts a long list; this one shows every line.</summary>
    private static void AssertNone(IEnumerable<string> violations)
    {
        var lines = violations.Distinct().ToList();
        Assert.True(lines.Count == 0, string.Join(Environment.NewLine, lines));
    }
}
