namespace Fury.Cli.Tests;

/// <summary>How the command line comes to a machine: as one file, and as a tool of the .NET SDK. Minutes of compiling, so with the long tests.</summary>
[Trait("Category", "Soak")]
public sealed class DeliveryTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fury-delivery-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task One_file_starts_where_there_is_no_runtime()
    {
        var made = await Dotnet("publish", Project, "-c", "Release", "-r", "linux-x64", "-o", Path.Combine(_folder, "out"), "--nologo", "-v", "q");
        Assert.True(made.ExitCode == 0, made.Out + made.Error);

        // Alone in a folder, without a PATH and without anything that would lead to a runtime.
        var alone = Path.Combine(_folder, "alone");
        Directory.CreateDirectory(alone);
        File.Copy(Path.Combine(_folder, "out", "fury"), Path.Combine(alone, "fury"));
        var nothing = new Dictionary<string, string>
        {
            ["PATH"] = alone,
            ["DOTNET_ROOT"] = "/none",
            ["DOTNET_ROOT_X64"] = "/none",
            ["DOTNET_BUNDLE_EXTRACT_BASE_DIR"] = _folder,
        };
        var version = await CliProcess.Run(Path.Combine(alone, "fury"), alone, nothing, "--version");
        var schema = await CliProcess.Run(Path.Combine(alone, "fury"), alone, nothing, "schema");

        Assert.Equal((0, ""), (version.ExitCode, version.Error));
        Assert.Matches(@"^[0-9]+[.][0-9]+[.][0-9]+", version.Out);
        Assert.Equal(await File.ReadAllTextAsync(DocumentationTests.Page("docs/fury.schema.json")), schema.Out);
    }

    [Fact]
    public async Task A_tool_of_the_SDK_is_packed_and_installed_from_a_folder()
    {
        var packages = Path.Combine(_folder, "packages");
        var made = await Dotnet("pack", Project, "-c", "Release", "--no-build", "-o", packages, "--nologo", "-v", "q");
        Assert.True(made.ExitCode == 0, made.Out + made.Error);

        var tools = Path.Combine(_folder, "tools");
        await File.WriteAllTextAsync(
            Path.Combine(_folder, "nuget.config"),
            $"""<configuration><packageSources><clear /><add key="here" value="{packages}" /></packageSources></configuration>""");
        var installed = await Dotnet("tool", "install", "fury-cli", "--tool-path", tools, "--configfile", Path.Combine(_folder, "nuget.config"));
        Assert.True(installed.ExitCode == 0, installed.Out + installed.Error);
        var version = await CliProcess.Run(Path.Combine(tools, "fury"), _folder, [], "--version");

        Assert.Equal((0, ""), (version.ExitCode, version.Error));
    }

    private static string Project => DocumentationTests.Page("src/Fury.Cli/Fury.Cli.csproj");

    /// <summary>With nothing that the test's own build has said, and no server of it that would outlive the test.</summary>
    private static Task<Ended> Dotnet(params string[] arguments)
    {
        var alone = new Dictionary<string, string> { ["MSBUILDDISABLENODEREUSE"] = "1", ["UseSharedCompilation"] = "false" };
        return CliProcess.Run(TimeSpan.FromMinutes(10), "dotnet", Path.GetDirectoryName(Project)!, alone, arguments);
    }
}
