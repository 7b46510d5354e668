using Fury.Cli.Deployments;
using Fury.Cli.Load;
using Fury.Cli.Output;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Fury.Cli.Quickstart;

/// <summary>The story in a terminal: what happens above, requests by version below, both moving.</summary>
internal static class LiveStory
{
    private const int LinesShown = 12;
    private const int BarWidth = 40;
    private static readonly TimeSpan RedrawPeriod = TimeSpan.FromMilliseconds(250);

    public static Task<StoryEnd> Show(Story story, StoryLog log, CancellationToken cancellation) =>
        AnsiConsole.Live(new Text("")).StartAsync(async screen =>
        {
            var run = story.Run(cancellation);
            while (await Task.WhenAny(run, Task.Delay(RedrawPeriod, CancellationToken.None)) != run)
            {
                screen.UpdateTarget(Picture(log, story.Traffic?.Report));
            }

            screen.UpdateTarget(Picture(log, story.Traffic?.Report));
            return await run;
        });

    internal static IRenderable Picture(StoryLog log, LoadReport? traffic)
    {
        var rows = new List<IRenderable>(log.Last(LinesShown).Select(Line)) { new Text("") };
        if (traffic is not null)
        {
            var most = Math.Max(1, traffic.Versions.Select(version => version.Requests).DefaultIfEmpty().Max());
            rows.AddRange(traffic.Versions.Select(version => Bar(version, most)));
            var failed = traffic.FailedNotBy(Sample.Bad);
            var color = failed == 0 ? "green" : "red";
            rows.Add(new Markup($"{Plain.Seconds(log.Elapsed),9}  {traffic.Requests} requests, [{color}]{failed} failed[/]"));
        }

        return new Rows(rows);
    }

    private static Markup Line(StoryLine line)
    {
        var color = line.Phase is { } phase ? LiveWatch.Color(phase) : "default";
        var text = Markup.Escape(Plain.Text(line.Text));
        return new($"[grey]{Plain.Seconds(line.At),7}[/]  [{color}]{text}[/]") { Overflow = Overflow.Ellipsis };
    }

    private static Markup Bar(VersionSeen version, long most)
    {
        var bar = new string('█', (int)Math.Max(1, version.Requests * BarWidth / most));
        return new($"{Markup.Escape(Plain.Text(version.Version)),9}  [green]{bar}[/] {version.Requests}");
    }
}
