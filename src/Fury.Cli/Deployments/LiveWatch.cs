using Fury.Cli.Output;
using Fury.Deployments.Contracts;
using Fury.Kernel;
using Spectre.Console;

namespace Fury.Cli.Deployments;

/// <summary>For a terminal: what has happened scrolls up, what happens now and for how long stands below it.</summary>
internal static class LiveWatch
{
    private static readonly TimeSpan RedrawPeriod = TimeSpan.FromMilliseconds(200);

    public static Task Show(IAsyncEnumerable<DeploymentEvent> events, TimeProvider clock) =>
        AnsiConsole.Status().Spinner(Spinner.Known.Dots).StartAsync("asking…", async status =>
        {
            await using var stream = events.GetAsyncEnumerator();
            DeploymentEvent? now = null;
            var next = stream.MoveNextAsync().AsTask();
            while (true)
            {
                if (await Task.WhenAny(next, Task.Delay(RedrawPeriod, clock)) != next)
                {
                    Now();
                    continue;
                }

                if (!await next)
                {
                    return;
                }

                now = stream.Current;
                var phase = $"[{Color(now.Phase)}]{Word.Of(now.Phase),-18}[/]";
                AnsiConsole.MarkupLine($"[grey]{Plain.Clock(now.At)}[/]  {phase}  {Markup.Escape(Plain.Text(now.Message))}");
                Now();
                next = stream.MoveNextAsync().AsTask();
            }

            void Now()
            {
                if (now is not null)
                {
                    status.Status($"[bold]{Word.Of(now.Phase)}[/] for {Plain.Seconds(clock.GetUtcNow() - now.At)}");
                }
            }
        });

    public static string Color(DeploymentPhase phase) => phase switch
    {
        DeploymentPhase.Done => "green",
        DeploymentPhase.RolledBack or DeploymentPhase.Aborted => "red",
        DeploymentPhase.RestoringCapacity or DeploymentPhase.ShiftingBack or DeploymentPhase.ConvergingBack or DeploymentPhase.DrainingBack
            or DeploymentPhase.RetiringCandidate => "yellow",
        _ => "blue",
    };
}
