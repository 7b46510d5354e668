using System.Threading.Channels;
using Fury.Agent.Wire;
using Fury.Kernel;
using Fury.Processes;

namespace Fury.Agent;

/// <summary>Lives the life of the agent: feeds <see cref="Lives"/> with what happens, and does what it says.</summary>
internal sealed class Supervisor(
    AgentConfig config, LoadTools tools, AppProcess process, HealthPoll health, Reporter reporter, Identity identity, TimeProvider clock,
    ILogger<Supervisor> log) : BackgroundService
{
    private static readonly TimeSpan TendPeriod = TimeSpan.FromSeconds(1);

    private readonly Outcome<ILoad> _load = Loads.Of(config, tools);

    /// <summary>Each has one writer that waits for nothing, so there are never more than a few.</summary>
    private readonly Channel<LifeEvent> _happened = Channel.CreateUnbounded<LifeEvent>(new() { SingleReader = true });
    private readonly CancellationTokenSource _ending = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CancellationTokenSource? _run;
    private Startable? _startable;
    private bool _stopping;

    /// <summary>Asks the application to end, waits until it has, and tells the platform.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        if (ExecuteTask is not null && !_stopping)
        {
            _stopping = true;
            Tell(new LifeEvent.StopAsked());
            await _ended.Task.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await reporter.Flush(cancellationToken);
        }

        await base.StopAsync(cancellationToken);
    }

    public override void Dispose()
    {
        base.Dispose();
        _ending.Dispose();
        _run?.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        process.Sweep();
        _ = Tend(_ending.Token);
        var state = new LifeState();
        Tell(new LifeEvent.Began());
        await foreach (var happened in _happened.Reader.ReadAllAsync(stoppingToken))
        {
            var (next, moves) = Lives.Next(state, happened);
            if (next.Phase != state.Phase)
            {
                log.LogInformation("The application: {Phase}, run {Run}. {Reason}", next.Phase, next.Run, next.Reason ?? "");
            }

            if (!next.HasProcess && _run is { } over)
            {
                await over.CancelAsync();
                over.Dispose();
                _run = null;
            }

            state = next;
            reporter.Status = new(state.Phase, Cut(state.Reason), state.Restarts, reporter.Status.Notice);
            foreach (var move in moves)
            {
                Do(move);
            }

            if (happened is LifeEvent.Started && state.IsUp)
            {
                _run = CancellationTokenSource.CreateLinkedTokenSource(_ending.Token);
                _ = Check(state.Run, _run.Token);
            }
        }
    }

    private static string? Cut(string? reason) => reason is { Length: > AgentReport.ReasonLengthMax } ? reason[..AgentReport.ReasonLengthMax] : reason;

    private static bool Again(Fault fault) => fault.Kind is FaultKind.Unavailable or FaultKind.Throttled;

    private void Tell(LifeEvent happened) => _happened.Writer.TryWrite(happened);

    private void Do(Move move)
    {
        switch (move)
        {
            case Move.Fetch:
                Work(
                    async () => _load.IsOk ? await _load.Value.Fetch(_ending.Token) : _load.Fault,
                    new LifeEvent.Fetched(),
                    fault => new LifeEvent.NotFetched(fault.Message, Again(fault)));
                break;
            case Move.Verify:
                Work(Verify, new LifeEvent.Verified(), fault => new LifeEvent.NotVerified(fault.Message, Again(fault)));
                break;
            case Move.Start start:
                process.Start(start.Run, _startable!, identity.Known, Tell);
                break;
            case Move.Pause pause:
                Later(pause.Time, new LifeEvent.PauseOver(pause.Ticket));
                break;
            case Move.Terminate terminate:
                process.Terminate(terminate.Run);
                Later(config.Grace, new LifeEvent.GraceOver(terminate.Run));
                break;
            case Move.Kill kill:
                process.Kill(kill.Run);
                break;
            case Move.Report:
                reporter.Tell();
                break;
            case Move.End:
                _ending.Cancel();
                _ended.TrySetResult();
                break;
            default:
                throw new InvalidOperationException($"{move} is unknown.");
        }
    }

    private async Task<Outcome> Verify()
    {
        var verified = await _load.Value.Verify(_ending.Token);
        _startable = verified.IsOk ? verified.Value : null;
        return verified.IsOk ? Outcome.Ok : verified.Fault;
    }

    private void Work(Func<Task<Outcome>> work, LifeEvent good, Func<Fault, LifeEvent> bad) => _ = Task.Run(async () =>
    {
        try
        {
            var outcome = await work();
            Tell(outcome.IsOk ? good : bad(outcome.Fault));
        }
        catch (Exception failed) when (!_ending.IsCancellationRequested)
        {
            // The disk is full, or it is a mistake of ours: either way there is a limit to the attempts.
            log.LogWarning(failed, "The artifact could not be brought.");
            Tell(bad(Fault.Unavailable($"The artifact could not be brought: {failed.Message}")));
        }
        catch (OperationCanceledException)
        {
            // The agent ends.
        }
    });

    private void Later(TimeSpan time, LifeEvent happens) => _ = Task.Run(async () =>
    {
        await Task.Delay(time, clock, _ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Tell(happens);
    });

    private async Task Check(int run, CancellationToken cancellation) =>
        await health.Run(whyNot => Tell(new LifeEvent.Checked(run, whyNot)), cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    /// <summary>Keeps the output within its bounds.</summary>
    private async Task Tend(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                OutputLog.Rotate(process.Logs, AppProcess.LogBytesMax, AppProcess.LogFilesMax);
            }
            catch (IOException failed)
            {
                log.LogWarning("The output could not be rotated and will be: {Reason}", failed.Message);
            }

            await Task.Delay(TendPeriod, clock, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
