using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Fury.Testing;

namespace Fury.Host.Tests;

/// <summary>What <c>deploy</c> gives to whoever watches Fury is right: the alerts come when they should, and every number that is asked for is told.</summary>
public sealed partial class OperatingFilesTests(OpenHost host) : IClassFixture<OpenHost>
{
    private static readonly string Alerts = Path.Combine(FuryProcess.Root, "deploy", "prometheus", "alerts.yml");
    private static readonly string Dashboard = Path.Combine(FuryProcess.Root, "deploy", "grafana", "fury.json");

    /// <summary>What follows after a name in braces, or behind <c>by</c>.</summary>
    private static readonly string[] Labels = ["http_response_status_code", "http_route", "db_client_connection_state"];

    [Theory]
    [InlineData("check", "rules", "alerts.yml")]
    [InlineData("test", "rules", "alerts.test.yml")]
    [InlineData("check", "config", "prometheus.yml")]
    public async Task Prometheus_itself_finds_the_alerts_right(params string[] arguments)
    {
        var start = new ProcessStartInfo("promtool", arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.WorkingDirectory = Path.GetDirectoryName(Alerts);
        using var promtool = Process.Start(start)!;
        var errors = promtool.StandardError.ReadToEndAsync();
        var output = await promtool.StandardOutput.ReadToEndAsync();
        await promtool.WaitForExitAsync();

        Assert.True(promtool.ExitCode == 0, output + await errors);
    }

    [Fact]
    public async Task Every_number_that_is_asked_for_is_told_by_some_host()
    {
        using var answer = await host.Client.GetAsync(new Uri("/api/v1/about", UriKind.Relative));
        var told = Told();

        foreach (var file in (string[])[Alerts, Dashboard])
        {
            var asked = Asked(await File.ReadAllTextAsync(file)).ToList();
            Assert.True(asked.Count > 10, file);
            Assert.All(asked, name => Assert.True(told.Contains(name) || told.Contains(Series().Replace(name, "")), name));
        }
    }

    [Fact]
    public async Task Every_alert_names_a_page_that_says_what_to_do()
    {
        var pages = Page().Matches(await File.ReadAllTextAsync(Alerts)).Select(match => match.Groups[1].Value).ToList();

        Assert.True(pages.Count > 10);
        Assert.All(pages, page =>
        {
            var (path, anchor) = (page.Split('#')[0], page.Split('#').ElementAtOrDefault(1));
            var headings = File.ReadLines(Path.Combine(FuryProcess.Root, path)).Where(line => line.StartsWith('#'))
                .Select(line => line.TrimStart('#').Trim().ToLowerInvariant().Replace(' ', '-'));
            Assert.True(anchor is null || headings.Contains(anchor), page);
        });
    }

    /// <summary>The names of all instruments that there are, as <c>/metrics</c> writes them.</summary>
    private static HashSet<string> Told()
    {
        var assemblies = Directory.EnumerateFiles(AppContext.BaseDirectory, "Fury.*.dll")
            .Select(file => Path.GetFileNameWithoutExtension(file)).Where(name => !name.Contains("Test", StringComparison.Ordinal)).Select(Assembly.Load);
        foreach (var type in assemblies.SelectMany(assembly => assembly.GetTypes()))
        {
            if (type.GetFields(BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public).Any(field => field.FieldType == typeof(Meter)))
            {
                RuntimeHelpers.RunClassConstructor(type.TypeHandle);
            }
        }

        HashSet<string> names = [];
        using var listener = new MeterListener { InstrumentPublished = (instrument, _) => names.Add(Meters.NameOf(instrument)) };
        listener.Start();
        return names;
    }

    private static IEnumerable<string> Asked(string text) => Name().Matches(text).Select(match => match.Value).Where(name => !Labels.Contains(name)).Distinct();

    [GeneratedRegex(@"\b(fury|lm|http|dotnet|db|kestrel)_[a-z0-9_]+")]
    private static partial Regex Name();

    [GeneratedRegex("_(bucket|count|sum)$")]
    private static partial Regex Series();

    [GeneratedRegex("page: (.+)")]
    private static partial Regex Page();
}
