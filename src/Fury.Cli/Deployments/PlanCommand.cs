using Fury.Cli.CommandLine;
using Fury.Cli.Http;
using Fury.Cli.Output;
using Fury.Deployments.Contracts;
using Fury.Kernel;

namespace Fury.Cli.Deployments;

internal static class PlanCommand
{
    public static FuryCommand Create(Globals globals)
    {
        var wish = new WishOptions(globals);
        return wish.AddTo(new FuryCommand(
                "plan",
                "What 'fury deploy' with the same options would do: steps, how long they take, what they need, and what speaks against them.",
                "fury plan 1.1.0 -s production-web --strategy safe",
                "fury plan 1.1.0 -s production-web --strategy canary --step \"5 evidence\" --step 100 -o json"))
            .Runs(globals, async (call, cancellation) =>
            {
                var answer = await call.Api.Post(Routes.Plan(call.Scope()), wish.Read(call), wish.Key(call), cancellation);
                if (call.Json)
                {
                    call.Out.WriteLine(answer.Text);
                }
                else
                {
                    Write(call.Out, answer.Read<PlanForecast>());
                }
            });
    }

    internal static void Write(TextWriter output, PlanForecast plan)
    {
        TextTable.WriteFacts(
            output,
            ("scope", plan.Scope.ToString()),
            ("version", $"{plan.Version} (release {plan.Release})"),
            ("strategy", Word.Of(plan.Strategy)),
            ("traffic", $"{plan.RequestsPerSecond} requests/s"),
            ("expected", plan.ExpectedSeconds is { } expected ? $"{Span(expected)}, and the time that replicas need to start" : "not to be known"),
            ("needs", string.Join(", ", plan.Reservations.Select(Needs))));
        output.WriteLine();
        var steps = new TextTable("STEP", "WEIGHT", "REPLICAS", "IS LEFT", "EXPECTED", "IF IT FAILS", "LOCATIONS");
        for (var index = 0; index < plan.Steps.Count; index++)
        {
            var (step, seconds, _) = plan.Steps[index];
            steps.Row(
                $"{index + 1}",
                $"{step.Weight:0.##} %",
                $"{step.Replicas}",
                step.Gate switch
                {
                    Gate.Timed => $"after {Span(step.MinSeconds)}",
                    Gate.Manual => $"by hand, held after {Span(step.DeadlineSeconds)}",
                    _ => $"by evidence, at least {Span(step.MinSeconds)}, held after {Span(step.DeadlineSeconds)}",
                },
                seconds is { } known ? Span(known) : "-",
                Word.Of(step.OnFail),
                string.Join(", ", step.Locations));
        }

        steps.Write(output);
        foreach (var warning in plan.Warnings)
        {
            output.WriteLine($"WARNING: {warning}");
        }
    }

    private static string Span(double seconds) => seconds switch
    {
        < 120 => $"{seconds:0} s",
        < 7200 => $"{seconds / 60:0} min",
        _ => $"{seconds / 3600:0.#} h",
    };

    private static string Needs(Reservation one) => $"{one.Replicas} replicas of {one.Size.CpuMillis}m and {one.Size.MemoryMiB} MiB at {one.Location}";
}
