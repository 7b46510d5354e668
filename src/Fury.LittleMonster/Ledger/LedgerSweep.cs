using Fury.Kernel;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Fury.LittleMonster;

/// <summary>
/// Compares the ledger with the providers, on one host at a time (the owner of shard 0), and has removed what no saga stands behind: the last
/// line against requests that arrive late and against commits that a failover has lost.
/// </summary>
internal sealed class LedgerSweep(
    IEnumerable<ILedgerSource> sources,
    LedgerStore ledger,
    ILittleMonster sagas,
    MonsterHost host,
    LittleMonsterSettings settings,
    TimeProvider time,
    ILogger<LedgerSweep> log) : BackgroundService
{
    private readonly ILedgerSource[] _sources = [.. sources];

    /// <summary>One pass over all sources and regions; one that does not answer is left for the next time.</summary>
    public async Task Sweep(CancellationToken cancellation)
    {
        foreach (var (source, region) in _sources.SelectMany(source => source.Regions.Select(region => (source, region))))
        {
            try
            {
                await Sweep(source, region, cancellation);
            }
#pragma warning disable CA1031 // Whatever a source throws holds up no other source.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                cancellation.ThrowIfCancellationRequested();
                log.LogWarning(exception, "{Provider}/{Region} could not be compared with the ledger", source.Provider, region);
            }
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (_sources.Length > 0 && !stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(settings.SweepPeriod, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!stoppingToken.IsCancellationRequested && host.Engine is { } engine && await engine.Owns(0))
            {
                await Sweep(stoppingToken);
            }
        }
    }

    private async Task Sweep(ILedgerSource source, string region, CancellationToken cancellation)
    {
        var listed = await source.List(region, cancellation);
        if (!listed.IsOk)
        {
            log.LogWarning("{Provider}/{Region} could not be listed: {Fault}", source.Provider, region, listed.Fault);
            return;
        }

        // The ledger is read after the provider: what was entered meanwhile is not missing, and what was undone meanwhile is young.
        var rows = await ledger.Rows(source.Provider, region, listed.Value.Select(item => item.Token), cancellation);
        foreach (var move in SweepPlan.Decide(listed.Value, rows, host.Clock.Now, settings.OrphanAge))
        {
            await Make(source, region, move, cancellation);
        }
    }

    private async Task Make(ILedgerSource source, string region, SweepMove move, CancellationToken cancellation)
    {
        switch (move)
        {
            case SweepMove.Adopt adopt:
                await ledger.Enter(source.Provider, region, adopt.Item, LedgerState.Live, cancellation);
                break;
            case SweepMove.Forget forget:
                await ledger.Forget(forget.Token, cancellation);
                break;
            case SweepMove.Remove remove:
                Telemetry.OrphanFound(source.Provider);
                log.LogWarning("No saga stands behind {Provider}/{Region} {Item}; it is removed", source.Provider, region, remove.Item);
                await ledger.Enter(source.Provider, region, remove.Item, LedgerState.Orphan, cancellation);
                await sagas.Start<RemoveOrphan, Orphan>(
                    $"{source.Provider}/{remove.Item.Token}/{host.Clock.Now.UtcDateTime:yyyy-MM-dd}",
                    new Orphan(source.Provider, region, remove.Item),
                    cancellation);
                break;
        }
    }
}

/// <summary>What is to be removed.</summary>
internal sealed record Orphan(string Provider, string Region, LedgerItem Item);

/// <summary>Removes what no saga stands behind. Not undone: nobody wants it back.</summary>
internal sealed class RemoveOrphan(Func<IEnumerable<ILedgerSource>> sources) : Saga<Orphan>
{
    protected internal override void Define(SagaBuilder<Orphan> saga)
    {
        saga.Name("lm.remove-orphan").Version(1).Key(orphan => $"orphan/{orphan.Item.Token}").Deadline(TimeSpan.FromHours(20)).Pivot();
        saga.Step("remove", Effect.Find, Remove, retry: Retry.Forever(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5)));
    }

    private async Task<Outcome> Remove(StepContext<Orphan> x)
    {
        var source = sources().FirstOrDefault(source => source.Provider == x.Input.Provider);
        return source is null
            ? Fault.Unavailable($"This host has no ledger source for provider '{x.Input.Provider}'.")
            : await source.Remove(x.Input.Region, x.Input.Item, x.Cancellation);
    }
}
