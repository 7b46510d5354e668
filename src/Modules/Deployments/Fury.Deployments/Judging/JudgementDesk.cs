using System.Runtime.CompilerServices;
using Fury.Deployments.Contracts;
using Fury.Deployments.Deployments;
using Fury.Kernel;

namespace Fury.Deployments.Judging;

/// <summary>Where the judge is asked what it says of a deployment, and what it would say again. Reads what is on record; any host can answer.</summary>
internal sealed class JudgementDesk(IDeploymentStore store, EvidenceStore evidence) : IDisposable
{
    /// <summary>A replay takes a processor for as long as it lasts. More at once are refused by this host.</summary>
    private const int ReplaysAtOnceMax = 2;

    private const int EventPageMax = 200;

    private readonly SemaphoreSlim _room = new(ReplaysAtOnceMax);

    /// <summary>What the judge says now; of a deployment that has ended, what it said last.</summary>
    public async Task<Outcome<JudgementStatus>> Now(DeploymentId deployment, CancellationToken cancellation)
    {
        if (await store.Find(deployment, cancellation) is not { } record)
        {
            return Fault.NotFound("deployment", deployment);
        }

        if (await evidence.Snapshots([deployment], cancellation) is not [var snapshot])
        {
            return NeverJudged(record);
        }

        var (policy, judged) = (JudgePolicies.Of(record.Policy), new Judged(Judgement.Of(snapshot.State), snapshot.Number));
        // The snapshot's own tick changes nothing; that it is there says that those after it are too.
        var next = Math.Max(1, snapshot.Number);
        await foreach (var written in evidence.Stream(deployment, next - 1, cancellation))
        {
            if (written.Number != next++)
            {
                return Forgotten(record, next - 1);
            }

            judged = new(Judge.Fold(policy, judged.Judgement, Tick.Of(written.Tick)), written.Number);
        }

        return judged.Tick == 0 ? NeverJudged(record)
            : next == judged.Tick ? Forgotten(record, next)
            : judged.ToStatus(policy);
    }

    /// <summary>Judges every recorded tick again, by the deployment's own policy with <paramref name="tried"/> in it.</summary>
    public async Task<Outcome<JudgementReplay>> Replay(DeploymentId deployment, JudgeFields tried, CancellationToken cancellation)
    {
        if (!await _room.WaitAsync(TimeSpan.Zero, cancellation))
        {
            return new Fault(FaultKind.Throttled, $"{ReplaysAtOnceMax} replays are under way on this host; ask again in a few seconds.");
        }

        try
        {
            return await Replayed(deployment, tried, cancellation);
        }
        finally
        {
            _room.Release();
        }
    }

    public void Dispose() => _room.Dispose();

    private async Task<Outcome<JudgementReplay>> Replayed(DeploymentId deployment, JudgeFields tried, CancellationToken cancellation)
    {
        if (await store.Find(deployment, cancellation) is not { } record)
        {
            return Fault.NotFound("deployment", deployment);
        }

        var (policy, validation) = (JudgePolicies.Of(record.Policy).With(tried), new Validation());
        policy.Check(validation);
        if (validation.Fault is { } bad)
        {
            return bad;
        }

        if (await evidence.Snapshots([deployment], cancellation) is not [var snapshot])
        {
            return NeverJudged(record);
        }

        // The first look of the judge is kept as a snapshot before any tick is, and what it remembered of the scope stays in every later one.
        var replay = new Replay(policy, Judgement.Begin(Judgement.Of(snapshot.State).Remembered));
        await using var events = Recorded(deployment, cancellation).GetAsyncEnumerator(cancellation);
        var more = await events.MoveNextAsync();
        await foreach (var written in evidence.Stream(deployment, 0, cancellation))
        {
            if (written.Number != replay.Tick + 1)
            {
                return Forgotten(record, replay.Tick + 1);
            }

            replay.Fold(written);
            for (; more && events.Current.Tick <= written.Number; more = await events.MoveNextAsync())
            {
                replay.Compare(events.Current.Event);
            }
        }

        return replay.Tick >= Math.Max(1, snapshot.Number) ? replay.Result(deployment)
            : snapshot.Number == 0 ? NeverJudged(record)
            : Forgotten(record, replay.Tick + 1);
    }

    /// <summary>Events that hold a verdict and say after which tick it was that.</summary>
    private async IAsyncEnumerable<(int Tick, DeploymentEvent Event)> Recorded(
        DeploymentId deployment, [EnumeratorCancellation] CancellationToken cancellation)
    {
        long after = 0;
        IReadOnlyList<DeploymentEvent> page;
        do
        {
            page = await store.Events(deployment, after, EventPageMax, cancellation);
            foreach (var one in page)
            {
                after = one.Number;
                if (int.TryParse(one.Data.GetValueOrDefault(Facts.Tick), out var tick))
                {
                    yield return (tick, one);
                }
            }
        }
        while (page.Count == EventPageMax);
    }

    private static Fault NeverJudged(DeploymentRecord record) => Fault.Conflict(
        $"Deployment {record.Id} was not judged{(record.Ended ? "" : " yet")}: nothing was seen of its candidate under traffic.");

    private static Fault Forgotten(DeploymentRecord record, int tick) => Fault.Conflict(
        $"What was seen of deployment {record.Id} is forgotten from tick {tick} on: ticks are kept for {EvidenceTidy.Kept.TotalDays} days, "
        + "and without them it cannot be judged again.").With("tick", tick);
}
