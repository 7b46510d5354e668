using System.Diagnostics;
using Fury.Testing;
using Npgsql;

namespace Fury.Web.Tests;

/// <summary>The web interface's own tests, in its language: units, and a browser against a real host with real applications.</summary>
public sealed class WebTests
{
    private static readonly TimeSpan UnitsWithin = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan BrowserWithin = TimeSpan.FromMinutes(12);

    private static readonly string Web = Path.Combine(FuryProcess.Root, "src", "Fury.Web");

    /// <summary>As many as a large organisation has; the browser's tests look for one of them.</summary>
    private const string ManySql = """
        insert into catalog.application (name, team, criticality, revision, created_at)
        select 'crowd-' || to_char(number, 'FM00000'), 'crowd-' || number % 300, 'low', 1, now() from generate_series(1, 30000) as number
        """;

    [Fact]
    public async Task The_units_hold() => await Vitest(UnitsWithin, ["run"], []);

    [Fact]
    public async Task A_developer_deploys_watches_stops_and_understands_in_a_browser_and_nobody_is_kept_out_by_it()
    {
        var database = await TestPostgres.CreateDatabase();
        await using var cluster = await LocalCluster.Cluster.Start(new() { Name = "edge" });
        var kubeconfig = Path.Combine(FuryProcess.NewFolder(), "kubeconfig");
        await File.WriteAllTextAsync(kubeconfig, cluster.Kubeconfig);
        await using (var fury = await FuryProcess.Start(database))
        {
            await Fill(database);
            await Browser(fury, BrowserWithin, [], new() { ["FURY_KUBECONFIG"] = kubeconfig });
        }

        Directory.Delete(Path.GetDirectoryName(kubeconfig)!, recursive: true);
        await TestPostgres.DropDatabase(database);
    }

    /// <summary>A browser at that host.</summary>
    /// <param name="files">A part of the names of those in e2e; empty: all that need no other host.</param>
    /// <param name="more">What these are told besides.</param>
    internal static async Task Browser(FuryProcess fury, TimeSpan within, string[] files, Dictionary<string, string> more)
    {
        var page = Path.Combine(FuryProcess.Root, "src", "Fury.Host", "bin", "Release", "net10.0", "web", "index.html");
        Assert.True(File.Exists(page), "The web interface is not built: './dev test' does so, and './dev up' too.");
        await Vitest(within, ["run", "--config", "e2e/vitest.config.ts", .. files], new(more)
        {
            ["FURY_URL"] = fury.Api.ToString().TrimEnd('/'),
            ["FURY_SIDECAR"] = fury.Sidecar.ToString(),
            ["FURY_SAMPLE"] = FuryProcess.Sample,
            ["FURY_SHOTS"] = Path.Combine(FuryProcess.Root, "artifacts", "screenshots"),
        });
    }

    private static async Task Fill(string database)
    {
        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(ManySql, connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Runs it to its end; what it has said is the message when it fails.</summary>
    private static async Task Vitest(TimeSpan within, string[] arguments, Dictionary<string, string> environment)
    {
        var program = Path.Combine(Web, "node_modules", ".bin", "vitest");
        Assert.True(File.Exists(program), "The packages of the web interface are missing: './dev test' installs them, and so does 'npm ci' in src/Fury.Web.");
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = Web, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["NO_COLOR"] = "1";
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        try
        {
            await process.WaitForExitAsync(new CancellationTokenSource(within).Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
        }

        Assert.True(process.HasExited && process.ExitCode == 0, $"{await output}\n{await errors}");
    }
}
