using System.CommandLine;
using System.CommandLine.Completions;
using System.Globalization;
using System.Text.Json;
using Fury.Cli.CommandLine;
using Fury.Cli.Completion;
using Fury.Cli.Http;
using Fury.Cli.Output;

namespace Fury.Cli.Sagas;

internal static class SagaCommand
{
    private const int CellLengthMax = 72;

    public static FuryCommand Create(Globals globals) => new FuryCommand("saga", "Sagas: the platform's own work in steps, and what is stuck of it.")
        .With(List(globals), Show(globals))
        .With(SagaOrders.All(globals));

    /// <summary>The id of a saga, completed from the host.</summary>
    public static Argument<string> Id(Globals globals)
    {
        var id = new Argument<string>("SAGA") { Description = "Its id, as 'fury saga list' shows it." };
        id.CompletionSources.Add((CompletionContext context) => Names.Sagas(context, globals));
        return id;
    }

    public static string Checked(string id) => id.Length is > 0 and < 20 && id.All(char.IsAsciiDigit)
        ? id
        : throw CommandFailure.Usage($"SAGA must be the id of a saga, as 'fury saga list' shows it, not '{id}'.");

    private static FuryCommand List(Globals globals)
    {
        var states = new Option<string[]>("--state") { Description = "In this state; may be repeated." }.AcceptOnlyFromAmong(
            "running", "waiting", "retrying", "undoing", "stuck", "parked", "completed", "compensated");
        var dead = new Option<bool>("--dead") { Description = "The dead letters: stuck, or of a kind that no host knows." };
        var key = new Option<string?>("--key") { Description = "Whose concurrency key begins so.", HelpName = "TEXT" };
        var name = new Option<string?>("--name") { Description = "Of this definition.", HelpName = "NAME" };
        name.CompletionSources.Add((CompletionContext context) => Names.SagaNames(context, globals));
        var olderThan = Spans.Option("--older-than", "Started longer ago than this.");
        return new FuryCommand(
                "list",
                "Sagas, the newest first.",
                "fury saga list --dead",
                "fury saga list --state waiting --state retrying --older-than 10m",
                "fury saga list --name standard.launch-instance --key hello/production-web")
            .With(states, dead, key, name, olderThan)
            .Lists<SagaRow>(
                globals,
                call => Routes.With(Routes.Sagas,
                [
                    .. (call.Value(states) ?? []).Concat(call.Value(dead) ? ["stuck", "parked"] : []).Distinct().Select(state => $"state={state}"),
                    .. Part("key", call.Value(key)),
                    .. Part("name", call.Value(name)),
                    .. Part("startedBefore", call.Value(olderThan) is { } seconds ? Ago(seconds) : null),
                ]),
                _ => "No such sagas.",
                ["SAGA", "NAME", "KEY", "STATE", "STEP", "STARTED", "ERROR"],
                one => [one.Id, one.Name, one.Key, one.State, one.Step, Plain.Time(one.StartedAt), Cut(one.Error)]);
    }

    private static FuryCommand Show(Globals globals)
    {
        var id = Id(globals);
        return new FuryCommand("show", "One saga, and what it did so far.", "fury saga show 143557849812541440")
            .With(id)
            .Runs(globals, async (call, cancellation) =>
            {
                var answer = await call.Api.Get(Routes.SagaTimeline(Checked(call.Value(id)!)), cancellation);
                if (call.Json)
                {
                    call.Out.WriteLine(answer.Text);
                    return;
                }

                Write(call.Out, answer.Read<SagaHistory>());
            });
    }

    private static void Write(TextWriter output, SagaHistory history)
    {
        var saga = history.Saga;
        TextTable.WriteFacts(
            output,
            ("saga", saga.Id),
            ("name", $"{saga.Name} version {saga.Version}"),
            ("key", saga.Key),
            ("state", saga is { State: "stuck", Undoing: true } ? "stuck while undoing" : saga.State),
            ("step", saga.Step),
            ("error", saga.Fault?.Message),
            ("waiting for", saga.WaitingFor),
            ("parent", saga.Parent),
            ("started", Plain.Time(saga.StartedAt)),
            ("ended", saga.EndedAt is { } ended ? Plain.Time(ended) : null),
            ("deadline", Plain.Time(saga.Deadline)),
            ("revision", Plain.Number(saga.Revision)));
        output.WriteLine();
        var table = new TextTable("LINE", "AT", "HOST", "WHAT", "STEP", "ATTEMPT", "TOOK", "DATA");
        foreach (var line in history.Entries)
        {
            table.Row(
                line.Seq is { } seq ? Plain.Number(seq) : null, Plain.Time(line.At), Plain.Number(line.Host), line.Kind, line.Step,
                Plain.Number(line.Attempt), line.TookMs is { } took ? $"{Plain.Number(took)} ms" : null, Cut(Told(line.Data)));
        }

        table.Write(output);
        if (history.Truncated)
        {
            output.WriteLine("There is more than is shown.");
        }
    }

    /// <summary>A fault by its message, an order by who gave it and why, a result as it is.</summary>
    private static string? Told(JsonElement? data) => data switch
    {
        null => null,
        { ValueKind: JsonValueKind.Object } fault when fault.TryGetProperty("message", out var message) => message.ToString(),
        { ValueKind: JsonValueKind.Object } order when order.TryGetProperty("by", out var by) && order.TryGetProperty("reason", out var reason) =>
            $"{by}: {reason}",
        { } result => result.GetRawText(),
    };

    private static string? Cut(string? text) => text is { Length: > CellLengthMax } ? $"{text[..CellLengthMax]}…" : text;

    private static IEnumerable<string> Part(string name, string? value) => value is null ? [] : [$"{name}={Uri.EscapeDataString(value)}"];

    private static string Ago(int seconds) =>
        TimeProvider.System.GetUtcNow().AddSeconds(-seconds).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
