using System.Diagnostics;

namespace Fury.Hosting.Tests;

public sealed class PostgresBinariesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fury-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("postgres (PostgreSQL) 15.18 (Debian 15.18-1.pgdg120+1)", 15, "15.18")]
    [InlineData("postgres (PostgreSQL) 18beta1", 18, "18beta1")]
    [InlineData("postgres (PostgreSQL) 9.6.24", 9, "9.6.24")]
    public void The_version_is_read_from_what_it_prints(string printed, int major, string version) =>
        Assert.Equal((major, version), PostgresBinaries.ParseVersion(printed));

    [Fact]
    public void Other_text_is_no_version() => Assert.Null(PostgresBinaries.ParseVersion("mysqld 8.0"));

    [Fact]
    public void The_first_place_that_fits_is_taken_and_each_other_is_explained()
    {
        var old = Fake("old", "13.1");
        var alone = Fake("alone", "16.1", withInitdb: false);
        var other = Fake("other", "17.1");
        var right = Fake("right", "15.2");
        List<string> tried = [];

        var found = PostgresBinaries.Find([Path.Combine(_folder, "none"), old, alone, other, right], major: 15, tried);

        Assert.Equal(new PostgresBinaries(right, 15, "15.2"), found);
        Assert.Collection(
            tried,
            line => Assert.EndsWith("none: no postgres", line, StringComparison.Ordinal),
            line => Assert.Contains("13.1 is older than 14", line, StringComparison.Ordinal),
            line => Assert.Contains("no initdb", line, StringComparison.Ordinal),
            line => Assert.Contains("existing cluster was made by 15", line, StringComparison.Ordinal));
    }

    [Fact]
    public void A_folder_that_was_asked_for_is_the_only_one()
    {
        var places = PostgresBinaries.Places("/asked", "/usr/bin", "/npm");
        Assert.All(places, place => Assert.StartsWith("/asked", place, StringComparison.Ordinal));
    }

    [Fact]
    public void A_link_in_the_path_leads_to_the_folder_that_it_points_into()
    {
        var real = Fake("real", "15.1");
        var links = Directory.CreateDirectory(Path.Combine(_folder, "links")).FullName;
        File.CreateSymbolicLink(Path.Combine(links, "postgres"), Path.Combine(real, "postgres"));
        Assert.Equal(real, PostgresBinaries.Places(null, links, "/npm")[0]);
    }

    private string Fake(string name, string version, bool withInitdb = true)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder, name)).FullName;
        var postgres = Path.Combine(folder, "postgres");
        File.WriteAllText(postgres, $"#!/bin/sh\necho 'postgres (PostgreSQL) {version}'\n");
        using var chmod = Process.Start("chmod", ["+x", postgres]);
        chmod.WaitForExit();
        if (withInitdb)
        {
            File.WriteAllText(Path.Combine(folder, "initdb"), "");
        }

        return folder;
    }
}
