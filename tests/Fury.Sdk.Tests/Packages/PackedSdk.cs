using System.Diagnostics;
using System.Text.Json;
using Fury.Testing;

namespace Fury.Sdk.Tests.Packages;

/// <summary>The packages as they would be published, made once and together: starting to build takes longer than packing.</summary>
public sealed class PackedSdk : IAsyncLifetime
{
    internal const string Version = "9.9.9-test";

    private static readonly string[] Names = ["Fury.Sdk", "Fury.Sdk.Testing", "Fury.Sdk.Conformance"];
    private static readonly TimeSpan Within = TimeSpan.FromMinutes(5);

    public string Folder { get; } = Directory.CreateTempSubdirectory("fury-consumer-").FullName;

    public string Feed => Path.Combine(Folder, "feed");

    public async Task InitializeAsync()
    {
        var chosen = Path.Combine(Folder, "packages.slnf");
        var solution = new
        {
            path = Path.Combine(FuryProcess.Root, "Fury.sln"),
            projects = Names.Select(name => Path.Combine("src", name, $"{name}.csproj")),
        };
        await File.WriteAllTextAsync(chosen, JsonSerializer.Serialize(new { solution }));
        await Dotnet(
            FuryProcess.Root, "pack", chosen, "-c", "Release", "--no-build", $"-p:PackageOutputPath={Feed}", $"-p:PackageVersion={Version}", "-v", "q",
            "--nologo");
    }

    public Task DisposeAsync()
    {
        Directory.Delete(Folder, recursive: true);
        return Task.CompletedTask;
    }

    internal static async Task<string> Dotnet(string folder, params IEnumerable<string> arguments)
    {
        using var deadline = new CancellationTokenSource(Within);
        using var process = Process.Start(new ProcessStartInfo("dotnet", arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["MSBUILDDISABLENODEREUSE"] = "1", ["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0" },
        })!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(deadline.Token), process.StandardError.ReadToEndAsync(deadline.Token));
        await process.WaitForExitAsync(deadline.Token);
        Assert.True(process.ExitCode == 0, $"dotnet {string.Join(' ', arguments)}: {await output}{await error}");
        return await output;
    }
}
