using System.CommandLine;
using Fury.Catalog.Contracts;
using Fury.Cli.CommandLine;
using Fury.Cli.Http;
using Fury.Cli.Output;
using Fury.Kernel;

namespace Fury.Cli.Services;

/// <summary>A move, as far as it is shown. Steps and outcomes are words, so that a new one of the host's is shown as it is.</summary>
internal sealed record MoveNow(
    ServiceKind Kind, string Service, ServiceRoute Source, ServiceRoute Target, string Step, long Epoch, long Keys, bool GoesBack, string? WaitsFor,
    string? Outcome, EvacuationNow? Evacuation = null);

/// <summary>What an evacuation leaves out, and what that may cost.</summary>
internal sealed record EvacuationNow(IReadOnlyList<string> Skipped, string MayBeLost);

/// <summary>Moves of data between providers.</summary>
internal static class MoveCommand
{
    private static readonly TimeSpan WatchPeriod = TimeSpan.FromMilliseconds(500);

    public static FuryCommand Create(Globals globals)
    {
        var (kind, name, route) = (ServiceCommand.Kind(), ServiceCommand.Name(), new RouteOptions(isNeeded: false));
        var require = new Option<string[]>("--require")
        {
            Description = "A capability that the target must have, e.g. kv.ttl; may be repeated.",
            HelpName = "NAME",
        };
        var rate = new Option<double?>("--keys-per-second") { Description = "Copies at most so many; as fast as it goes when not given.", HelpName = "N" };
        var back = new Option<bool>("--back") { Description = "Turns the move round: all comes back to where it was." };
        var evacuate = new Option<bool>("--evacuate")
        {
            Description = "Leaves the source at once, with what it has: it may be down. Says what is left out, and what may be lost by it.",
        };
        return new FuryCommand(
                "move",
                "Moves the data of a bound service to another provider while it is used. No call fails. It goes on by itself, and can be turned round.",
                "fury service move key-value carts -a shop -s production-web --driver redis --endpoint redis://10.0.0.7:6379 --watch",
                "fury service move key-value carts -a shop -s production-web --back",
                "fury service move key-value carts -a shop -s production-web --driver redis --endpoint redis://10.0.0.8:6379 --evacuate")
            .With(kind, name, require, rate, back, evacuate, globals.Watch)
            .With(route.OfRoute)
            .With(globals.Application, globals.Scope, globals.By)
            .Runs(globals, async (call, cancellation) =>
            {
                var (service, scope) = (ServiceCommand.Read(call, kind, name), call.Scope());
                var path = Routes.Move(scope, service.Kind, service.Name);
                if (call.Value(back) == (route.Driver(call) is not null))
                {
                    throw CommandFailure.Usage("Say where the data is to move (--driver NAME and what belongs to it), or --back.");
                }

                var answer = call.Value(back)
                    ? await call.Api.Delete(path, cancellation)
                    : await call.Api.Post(path, new
                    {
                        Route = route.Route(call),
                        Require = call.Value(require) ?? [],
                        KeysPerSecond = call.Value(rate),
                        Reason = route.Reason(call),
                        call.By,
                        Evacuate = call.Value(evacuate),
                    }, null, cancellation);
                var wanted = call.Value(back) ? "returned" : call.Value(evacuate) ? "evacuated" : "moved";
                return await Told(call, path, answer, wanted, call.Value(globals.Watch), cancellation);
            });
    }

    public static FuryCommand List(Globals globals) => new FuryCommand(
            "moves", "The newest move of each service of a scope, and how far it is.", "fury service moves -a shop -s production-web")
        .With(globals.Application, globals.Scope)
        .Runs(globals, async (call, cancellation) =>
        {
            var scope = call.Scope();
            var answer = await call.Api.Get(Routes.Moves(scope), cancellation);
            if (call.Json)
            {
                call.Out.WriteLine(answer.Text);
                return;
            }

            var moves = answer.Read<List<MoveNow>>();
            if (moves.Count == 0)
            {
                call.Out.WriteLine($"Nothing was moved in {scope}.");
                return;
            }

            var table = new TextTable("SERVICE", "KIND", "FROM", "TO", "STEP", "KEYS", "EPOCH");
            foreach (var move in moves)
            {
                var step = move.Outcome ?? (move.GoesBack ? $"{move.Step}, going back" : move.Step);
                table.Row(
                    move.Service, Word.Of(move.Kind), Place(move.Source), Place(move.Target), step, Plain.Number(move.Keys), Plain.Number(move.Epoch));
            }

            table.Write(call.Out);
            foreach (var move in moves.Where(move => move.WaitsFor is not null))
            {
                call.Out.WriteLine(Plain.Text($"{move.Service}: {move.WaitsFor}"));
            }
        });

    private static async Task<int> Told(
        Invocation call, string path, Answer answer, string wanted, bool watches, CancellationToken cancellation)
    {
        if (!call.Json && answer.Read<MoveNow>() is { Evacuation: { } evacuation } left)
        {
            call.Out.WriteLine(Plain.Text($"{left.Service} leaves {Place(left.Source)} at once. Left out: {string.Join(", ", evacuation.Skipped)}."));
            call.Out.WriteLine(Plain.Text($"What may be lost: {evacuation.MayBeLost}"));
        }

        if (!watches)
        {
            var begun = answer.Read<MoveNow>();
            call.Out.WriteLine(call.Json ? answer.Text
                : wanted == "returned" ? $"The move of {begun.Service} to {Place(begun.Target)} turns round: fury service moves."
                : $"{begun.Service} moves from {Place(begun.Source)} to {Place(begun.Target)}: fury service moves.");
            return ExitCode.Ok;
        }

        for (var said = ""; ; answer = await call.Api.Get(path, cancellation))
        {
            var move = answer.Read<MoveNow>();
            var now = $"{move.Outcome ?? move.Step}{(move.WaitsFor is null ? "" : $": {move.WaitsFor}")}";
            if (now != said && !call.Json)
            {
                call.Out.WriteLine(Plain.Text(now));
            }

            if (move.Outcome is not null)
            {
                if (call.Json)
                {
                    call.Out.WriteLine(answer.Text);
                }

                return move.Outcome == wanted ? ExitCode.Ok : ExitCode.Failed;
            }

            said = now;
            await Task.Delay(WatchPeriod, cancellation);
        }
    }

    private static string Place(ServiceRoute route) => $"{route.Driver} ({route.Resource})";
}
