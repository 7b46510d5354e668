using Fury.Cli.CommandLine;
using Fury.Cli.Http;
using Fury.Cli.Output;
using Fury.Deployments.Contracts;
using Fury.Kernel;
using Spectre.Console;

namespace Fury.Cli.Deployments;

internal static class StatusCommand
{
    private static readonly TimeSpan LookPeriod = TimeSpan.FromSeconds(1);

    public static FuryCommand Create(Globals globals) => new FuryCommand(
            "status",
            "What a scope runs now: pools, their share of the traffic, replicas, and the deployment in progress.",
            "fury status -a hello -s production-web",
            "fury status --watch",
            "fury status -o json")
        .With(globals.Application, globals.Scope)
        .With(new System.CommandLine.Option[] { globals.Watch })
        .Runs(globals, async (call, cancellation) =>
        {
            var path = Routes.Status(call.Scope());
            if (!call.Value(globals.Watch))
            {
                call.Out.Write(Text(call, await call.Api.Get(path, cancellation)));
            }
            else if (call.Live)
            {
                await AnsiConsole.Live(new Spectre.Console.Text("asking…")).StartAsync(async screen =>
                {
                    while (true)
                    {
                        screen.UpdateTarget(new Spectre.Console.Text(Text(call, await call.Api.Get(path, cancellation))));
                        await Task.Delay(LookPeriod, cancellation);
                    }
                });
            }
            else
            {
                // Not a terminal: only what is new is worth a line.
                for (var before = ""; ; await Task.Delay(LookPeriod, cancellation))
                {
                    var now = Text(call, await call.Api.Get(path, cancellation));
                    if (now != before)
                    {
                        call.Out.Write(now);
                        before = now;
                    }
                }
            }
        });

    private static string Text(Invocation call, Answer answer)
    {
        var text = new StringWriter();
        if (call.Json)
        {
            text.WriteLine(answer.Text);
        }
        else
        {
            Write(text, answer.Read<ScopeStatus>());
        }

        return text.ToString();
    }

    internal static void Write(TextWriter output, ScopeStatus status)
    {
        List<(string, string?)> facts =
        [
            ("scope", status.Scope.ToString()),
            ("address", status.Address.ToString()),
            ("version", status.Version is { } version ? $"{version} (release {status.Current})" : "nothing was deployed yet"),
            ("in progress", status.InProgress is { } deployment
                ? $"{deployment.Version} by {Word.Of(deployment.Strategy)}: {Word.Of(deployment.Phase)}, deployment {deployment.Id}"
                : "nothing"),
        ];
        if (status.AsleepSince is { } since)
        {
            facts.Add(("asleep", $"since {Plain.Time(since)}; the next request wakes it"));
        }

        TextTable.WriteFacts(output, [.. facts]);
        if (status.InProgress is { } moving)
        {
            RecommendationCommand.Write(output, moving);
        }

        if (status.Pools.Count == 0)
        {
            return;
        }

        output.WriteLine();
        var pools = new TextTable("POOL", "VERSION", "PHASE", "WEIGHT", "READY", "REQUESTS", "ERRORS", "FAILURES", "IN FLIGHT", "PROBLEM");
        foreach (var pool in status.Pools)
        {
            pools.Row(
                pool.Id.ToString(), pool.Version.Value, pool.Phase, $"{pool.Weight} %", $"{pool.Ready}/{pool.Wanted}",
                Plain.Number(pool.Requests), Plain.Number(pool.Errors), Plain.Number(pool.Failures), Plain.Number(pool.InFlight),
                pool.Problem);
        }

        pools.Write(output);
        if (status.Pools.Sum(pool => pool.Replicas.Count) == 0)
        {
            return;
        }

        output.WriteLine();
        var replicas = new TextTable("REPLICA", "VERSION", "PHASE", "ADDRESS", "RESTARTS", "REASON");
        foreach (var (pool, replica) in status.Pools.SelectMany(pool => pool.Replicas.Select(replica => (pool, replica))))
        {
            replicas.Row(
                replica.Id.ToString(), pool.Version.Value, replica.Phase,
                replica.Address is { } address ? $"{address}:{replica.Port}" : null, Plain.Number(replica.Restarts), replica.Reason);
        }

        replicas.Write(output);
    }
}
