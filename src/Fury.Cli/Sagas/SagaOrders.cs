using System.CommandLine;
using System.Text.Json;
using Fury.Cli.CommandLine;
using Fury.Cli.Http;
using Fury.Cli.Output;

namespace Fury.Cli.Sagas;

/// <summary>What a person may order of a saga. Each order is for the saga as it is now: when it moves on first, the host refuses.</summary>
internal static class SagaOrders
{
    public static IEnumerable<FuryCommand> All(Globals globals)
    {
        var result = new Option<string?>("--result")
        {
            Description = "What the step's result shall be, for later steps to read; needed when it has one.",
            HelpName = "JSON",
        };
        yield return Order(
            "retry",
            "Tries the step again that a saga is stuck at, or pauses at.",
            globals,
            null,
            "fury saga retry 143557849812541440 --reason \"the quota was raised\"");
        yield return Order(
            "skip",
            "Lets the step count as done (or undone) that a saga is stuck at, or waits in.",
            globals,
            result,
            "fury saga skip 143557849812541440 --reason \"removed by hand\"",
            "fury saga skip 143557849812541440 --reason \"the machine is there\" --result '\"i-0abc\"'");
        yield return Order(
            "cancel",
            "Undoes a saga.",
            globals,
            null,
            "fury saga cancel 143557849812541440 --reason \"no longer wanted\"");
    }

    private static FuryCommand Order(string verb, string description, Globals globals, Option<string?>? result, params string[] examples)
    {
        var id = SagaCommand.Id(globals);
        var reason = new Option<string>("--reason") { Description = "Why, for the record.", HelpName = "TEXT", Required = true };
        var command = new FuryCommand(verb, description, examples).With(id, reason);
        return (result is null ? command : command.With(result)).Runs(globals, async (call, cancellation) =>
        {
            var path = Routes.Saga(SagaCommand.Checked(call.Value(id)!));
            var given = result is null ? null : Json(call.Value(result));
            var saga = (await call.Api.Get(path, cancellation)).Read<SagaNow>();
            var body = new { Reason = call.Value(reason), saga.Revision, Result = given };
            var answer = await call.Api.Post($"{path}/{verb}", body, null, cancellation);
            if (call.Json)
            {
                call.Out.WriteLine(answer.Text);
                return;
            }

            TextTable.WriteFacts(call.Out, ("saga", saga.Id), ("name", saga.Name), ("key", saga.Key), ("was", saga.State), ("at step", saga.Step));
            call.Out.WriteLine($"Ordered. What comes of it: fury saga show {saga.Id}");
        });
    }

    private static JsonElement? Json(string? text)
    {
        if (text is null)
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize<JsonElement>(text);
        }
        catch (JsonException)
        {
            throw CommandFailure.Usage($"--result must be JSON, such as 42 or '\"text\"', not '{text}'.");
        }
    }
}
