using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Fury.Cli.CommandLine;
using Fury.Cli.Http;
using Fury.Cli.Output;
using Fury.Deployments.Contracts;

namespace Fury.Cli.Deployments;

/// <summary>What the judge says of a deployment, and what it would say by another policy.</summary>
internal static class JudgeCommand
{
    /// <summary>They are told with the verdict already.</summary>
    private static readonly string[] Said = ["tick", "verdict", "verdictCause", "sentence"];

    public static FuryCommand Create(Globals globals) => new FuryCommand("judge", "What the judge says of deployments, and how right it is.")
        .With(Show(globals), Replay(globals), Calibration(globals));

    private static FuryCommand Show(Globals globals)
    {
        var deployment = Of();
        return new FuryCommand("show", "What the judge says now, with every number behind it.", "fury judge show 01932c8e-7a54-7d5c-b5d1-1f2c3a4b5c6d")
            .With(deployment)
            .Runs(globals, async (call, cancellation) =>
            {
                var answer = await call.Api.Get(Routes.Judgement(AskCommand.Id(call.Value(deployment)!)), cancellation);
                if (call.Json)
                {
                    call.Out.WriteLine(answer.Text);
                    return;
                }

                var judged = answer.Read<JudgementStatus>();
                call.Out.WriteLine($"{judged.Verdict} ({judged.Cause}) after tick {judged.Tick} at {Plain.Time(judged.At)}. {Plain.Text(judged.Sentence)}");
                call.Out.WriteLine();
                TextTable.WriteFacts(call.Out, [.. judged.Facts.Where(fact => !Said.Contains(fact.Key)).Select(fact => (fact.Key, (string?)fact.Value))]);
            });
    }

    private static FuryCommand Replay(Globals globals)
    {
        var deployment = Of();
        var policy = new Option<FileInfo?>("--policy") { Description = "A JSON object with fields of the judge's policy to try.", HelpName = "FILE" };
        var fields = new Option<string[]>("--set")
        {
            Description = "One such field, beside or instead of those of the file; once for each.",
            HelpName = "FIELD=NUMBER",
        };
        fields.CompletionSources.Add([.. JudgeFields.Names.Select(name => $"{name}=")]);
        return new FuryCommand(
                "replay",
                "Judges every recorded tick again: when the verdict changed, and whether it is what was recorded then.",
                "fury judge replay 01932c8e-7a54-7d5c-b5d1-1f2c3a4b5c6d",
                "fury judge replay 01932c8e-7a54-7d5c-b5d1-1f2c3a4b5c6d --policy strict.json --set toleratedRatio=1.5")
            .With(deployment, policy, fields)
            .Runs(globals, async (call, cancellation) =>
            {
                var tried = Tried(call.Value(policy), call.Value(fields) ?? []);
                var answer = await call.Api.Post(Routes.Replay(AskCommand.Id(call.Value(deployment)!)), tried, null, cancellation);
                if (call.Json)
                {
                    call.Out.WriteLine(answer.Text);
                }
                else
                {
                    Write(call.Out, answer.Read<JudgementReplay>());
                }
            });
    }

    private static FuryCommand Calibration(Globals globals) => new FuryCommand(
            "calibration", "How often the judge has failed stable pools against themselves: its false alarms.", "fury judge calibration")
        .Runs(globals, async (call, cancellation) =>
        {
            var answer = await call.Api.Get(Routes.Calibration, cancellation);
            if (call.Json)
            {
                call.Out.WriteLine(answer.Text);
                return;
            }

            var counted = answer.Read<CalibrationStatus>();
            call.Out.WriteLine($"{(counted.IsAlarming ? "WARNING: " : "")}{Plain.Text(counted.Sentence)}");
            foreach (var one in counted.LastFailed)
            {
                call.Out.WriteLine($"  {one.Night:yyyy-MM-dd}  deployment {one.Deployment}, seed {one.Seed}: {Plain.Text(one.Sentence)}");
            }
        });

    private static Argument<string> Of() => new("DEPLOYMENT") { Description = "Its id, as 'fury deployments' lists them." };

    /// <summary>The file with the fields on the command line in it.</summary>
    private static JsonObject Tried(FileInfo? file, string[] fields)
    {
        var tried = file is null ? [] : RequestFile.Read<JsonObject>(file);
        foreach (var field in fields)
        {
            if (field.Split('=') is not [var name, var text] || !double.TryParse(text, CultureInfo.InvariantCulture, out var number))
            {
                throw CommandFailure.Usage($"--set must be FIELD=NUMBER, such as toleratedRatio=1.5, not '{field}'.");
            }

            tried[name] = number;
        }

        return JudgeFields.Read(tried).Fault is not { } fault
            ? tried
            : throw CommandFailure.Usage($"{file?.FullName ?? "What is to be tried"} can't be right:", [.. fault.Fields.Select(Problem.Line)]);
    }

    private static void Write(TextWriter output, JudgementReplay replay)
    {
        var table = new TextTable("TICK", "AT", "VERDICT", "CAUSE", "SENTENCE");
        foreach (var one in replay.History)
        {
            table.Row($"{one.Tick}", Plain.Time(one.At), one.Verdict, one.Cause, one.Sentence);
        }

        table.Write(output);
        output.WriteLine();
        output.WriteLine(
            $"{replay.Ticks} ticks, {Plain.Time(replay.From)} to {Plain.Time(replay.To)}; the verdict changed {replay.Changes} times"
            + (replay.Changes > replay.History.Count ? $", the last {replay.History.Count} are shown." : "."));
        output.WriteLine(replay.Identical switch
        {
            null => "No event holds a verdict to compare with.",
            true => $"It is identical: each of the {replay.Compared} verdicts that events hold came out again, to the last number.",
            false => $"It is not identical: of the {replay.Compared} verdicts that events hold, others came out:",
        });
        foreach (var one in replay.Differences)
        {
            output.WriteLine($"  event {one.Event}, tick {one.Tick}: {one.Fact} was '{Plain.Text(one.Recorded)}', is '{Plain.Text(one.Replayed)}'.");
        }
    }
}
