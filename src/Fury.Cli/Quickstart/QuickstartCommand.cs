using System.CommandLine;
using System.Text.Json;
using Fury.Cli.CommandLine;
using Fury.Cli.Output;
using Fury.Kernel;

namespace Fury.Cli.Quickstart;

internal static class QuickstartCommand
{
    public static FuryCommand Create(Globals globals)
    {
        var folder = new Option<string>("--sample") { Description = "The built samples/hello.", HelpName = "FOLDER", Required = true };
        var rate = new Option<double>("--rate") { Description = "Requests per second.", HelpName = "N", DefaultValueFactory = _ => 200 };
        var kubeconfig = new Option<string?>("--kubeconfig")
        {
            Description = "The access document of a cluster of this machine; with it, the sample moves into the cluster and back.",
            HelpName = "FILE",
        };
        var shop = new Option<string?>("--shop")
        {
            Description = "The built samples/shop; with it, what stands behind its store is switched to a Redis of this machine and back.",
            HelpName = "FOLDER",
        };
        var json = new Option<bool>("--json") { Description = "The last line is one JSON object that tells how it went." };
        return new FuryCommand(
                "quickstart",
                "The main job, to be watched: a version is replaced while requests flow, a bad one goes back, and a store changes its provider.",
                "fury quickstart --sample samples/hello/bin/Release/net10.0",
                "fury quickstart --sample samples/hello/bin/Release/net10.0 --rate 500 --json")
            .With(folder, rate, kubeconfig, shop, json)
            .Runs(globals, async (call, cancellation) =>
            {
                var clock = TimeProvider.System;
                var path = Path.GetFullPath(call.Value(folder)!);
                if (!Directory.Exists(path))
                {
                    throw CommandFailure.Usage($"--sample must be the folder of the built sample; there is no folder {path}.");
                }

                var access = call.Value(kubeconfig) is { } file ? Path.GetFullPath(file) : null;
                if (access is not null && !File.Exists(access))
                {
                    throw CommandFailure.Usage($"--kubeconfig must be a file; there is no file {access}.");
                }

                if (call.Value(rate) is not (> 0 and <= 10_000))
                {
                    throw CommandFailure.Usage($"--rate must be more than 0, at most 10000, not '{Plain.Number(call.Value(rate))}'.");
                }

                var shopPath = call.Value(shop) is { } built ? Path.GetFullPath(built) : null;
                if (shopPath is not null && !Directory.Exists(shopPath))
                {
                    throw CommandFailure.Usage($"--shop must be the folder of the built sample; there is no folder {shopPath}.");
                }

                var machine = call.Value(json) || call.Json;
                var live = call.Live && !machine;
                void Print(StoryLine line) => call.Out.WriteLine($"{Plain.Seconds(line.At),8}  {Plain.Text(line.Text)}");
                var log = new StoryLog(clock, live ? null : Print);
                var redis = LocalRedis.Find(Environment.GetEnvironmentVariable("PATH"));
                var last = shopPath is null ? null : new ShopStory(call.Api, shopPath, redis, call.Value(rate), log, clock);
                var story = new Story(call.Api, new Sample(call.Api, path), call.Value(rate), access, last, log, clock);
                var end = live ? await LiveStory.Show(story, log, cancellation) : await story.Run(cancellation);
                Tables(call.Out, end);
                foreach (var line in end.Wrong)
                {
                    call.Error.WriteLine($"fury: {Plain.Text(line)}");
                }

                if (machine)
                {
                    call.Out.WriteLine(Json(end));
                }

                return end.Wrong.Count == 0 ? ExitCode.Ok : ExitCode.Failed;
            });
    }

    internal static string Json(StoryEnd end) => JsonSerializer.Serialize(
        new
        {
            end.Traffic.Requests,
            end.Failed,
            end.Traffic.ByVersion,
            Deployments = end.Chapters.Select(chapter => new { chapter.Name, chapter.Version, chapter.Strategy, chapter.Outcome, chapter.Seconds }),
            end.Switches,
        },
        FuryJson.Options);

    internal static void Tables(TextWriter output, StoryEnd end)
    {
        output.WriteLine();
        var deployments = new TextTable("DEPLOYMENT", "STRATEGY", "OUTCOME", "TOOK", "PHASES");
        foreach (var chapter in end.Chapters)
        {
            deployments.Row(
                chapter.Name,
                Word.Of(chapter.Strategy),
                Word.Of(chapter.Outcome),
                Plain.Seconds(chapter.Ended - chapter.Began),
                string.Join(", ", chapter.Phases.Select(phase => $"{Word.Of(phase.Phase)} {Plain.Seconds(phase.Span)}")));
        }

        deployments.Write(output);
        output.WriteLine();
        var requests = new TextTable("REQUESTS", "COUNT");
        foreach (var version in end.Traffic.Versions)
        {
            requests.Row($"answered by {version.Version}", Plain.Number(version.Requests));
        }

        requests.Row("in all", Plain.Number(end.Traffic.Requests));
        requests.Row($"answered badly by {Sample.Bad} itself", Plain.Number(end.Traffic.Failed - end.Failed));
        requests.Row($"failed while {Sample.Better} replaced {Sample.Good}", Plain.Number(end.FailedWhileMoving));
        requests.Row("failed in all", Plain.Number(end.Failed));
        requests.Write(output);
        output.WriteLine();
        if (end.Switches.Count == 0)
        {
            return;
        }

        var switches = new TextTable("SERVICE", "SWITCHED TO", "IN FORCE IN", "AFTER", "REQUESTS", "FAILED");
        foreach (var seen in end.Switches)
        {
            switches.Row(
                seen.Service, seen.Driver, $"{seen.Instances} instances", Plain.Seconds(TimeSpan.FromSeconds(seen.Seconds)), Plain.Number(seen.Requests),
                Plain.Number(seen.Failed));
        }

        switches.Write(output);
        output.WriteLine();
    }
}
