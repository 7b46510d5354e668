using Fury.Deployments.Contracts;
using Fury.Deployments.Deployments;
using Fury.Deployments.Driving;
using Fury.Deployments.Judging;
using Fury.Deployments.Planning;
using Fury.Mesh.Contracts;

namespace Fury.Deployments.Tests;

/// <summary>What is asserted at every step.</summary>
internal sealed partial class SimulatedWorld
{
    private void Write(Move.Go go)
    {
        Assert.Equal(_record.Revision + 1, go.Next.Revision);
        Assert.False(_record.Ended, "I4: terminal states absorb.");
        Assert.True(go.Next.Ended ? go.Next.Deadline is null : go.Next.Deadline is not null, "I5: every state has a deadline.");
        if (_record.Back is not null)
        {
            Assert.Equal(_record.Back, go.Next.Back);
            Assert.True(go.Next.Phase >= DeploymentPhase.RestoringCapacity && go.Next.Phase != DeploymentPhase.Done, "I6: back is back.");
        }

        if (go.Next.Ended && go.Next.Back is { } back)
        {
            Assert.Equal(back.End, go.Next.Phase);
        }

        if (go.Message.StartsWith("Passed", StringComparison.Ordinal))
        {
            Assert.True(_saw == VerdictKind.Pass, "I7: a pass needs a verdict that is one.");
        }

        if (go.Next.Cell > _record.Cell && !go.Message.StartsWith("Promoted", StringComparison.Ordinal) && _record.Now.Gate != Gate.Timed)
        {
            Assert.True(_record.Now.Gate == Gate.Evidence && _saw == VerdictKind.Pass, $"I7: a gate of {_record.Now.Gate} was left by itself.");
        }

        History.Add(go);
        // As it is kept: what does not survive the table is lost here too.
        _record = Json.Read<DeploymentRecord>(Json.Write(go.Next)) with { Fence = _record.Fence };
        (_refused, _confirmed) = (null, false);
        if (_record.Phase == DeploymentPhase.Done)
        {
            Assert.Equal(_record.Lanes.Select(lane => lane.Either.Id), _record.Serving!.Select(pool => pool.Id));
        }
    }

    /// <summary>I3 and I10, the moment before a pool loses its capacity.</summary>
    private void Check(Move move)
    {
        if (move is Move.Publish(var weights))
        {
            CheckCapacity(weights);
        }

        if (move is not Move.Retire(var pool))
        {
            return;
        }

        var tables = _tables.Published.ToDictionary(table => table.Version);
        foreach (var (proxy, version) in _applied)
        {
            Assert.True(
                version == 0 || tables[version].Pools.All(weight => weight.Pool != pool.Id) || IsGoneOnWithout(proxy),
                $"I3: {proxy} still routes to pool {pool.Id} by version {version}.");
        }

        var inFlight = _world.Tables.Traffic([pool.Id], default).Result[0].InFlight;
        Assert.True(inFlight == 0 || History.Any(go => go.Next.DrainUntil <= _clock.GetUtcNow()), $"I3: {inFlight} requests are in flight.");
        var table = _tables.Current(_scope, default).Result;
        var serves = _engine.Pools.Any(other => other.Id != pool.Id && other.Ready > 0 && table.Pools.Any(weight => weight.Pool == other.Id));
        var retiredCanServe = _engine.Pools.Any(other => other.Id == pool.Id && other.Ready > 0);
        Assert.True(serves || !retiredCanServe || _record.Lanes.All(lane => lane.Current is null), "I10: the last pool that can serve is retired.");
    }

    /// <summary>I2, the moment before a table is published: who gets more than it had can carry it.</summary>
    private void CheckCapacity(IReadOnlyList<PoolWeight> weights)
    {
        var before = _tables.Current(_scope, default).Result.Pools.ToDictionary(pool => pool.Pool, pool => pool.Weight);
        for (var index = 0; index < _record.Lanes.Count; index++)
        {
            if (_record is not { Back: null, Lanes: var lanes } || lanes[index].Candidate is not { } candidate)
            {
                continue;
            }

            var (weight, ready) = (weights.FirstOrDefault(one => one.Pool == candidate.Id)?.Weight ?? 0, ReadyOf(candidate));
            var needed = Weights.Replicas(candidate, weight * 100 / candidate.Share, _record.Policy.HeadroomPercent);
            Assert.True(
                weight <= before.GetValueOrDefault(candidate.Id) || ready >= needed,
                $"I2: the candidate gets {weight} of {candidate.Share} % with {ready} of {needed} replicas.");
        }

        Assert.True(weights.All(one => one.Weight == 0 || _engine.Pools.Any(pool => pool.Id == one.Pool)), "I1: a pool that nobody runs gets traffic.");
    }

    private int ReadyOf(PoolPlan plan) => _engine.Pools.FirstOrDefault(pool => pool.Id == plan.Id)?.Ready ?? 0;

    /// <summary>I3 is waived for a proxy only by the policy, and not without a word.</summary>
    private bool IsGoneOnWithout(string proxy)
    {
        var waived = _record.Policy.WhenUnconverged == WhenUnconverged.GoOn
            && History.Any(go => go.Next.DrainUntil is not null && go.Data.GetValueOrDefault("behind", "").Contains(proxy, StringComparison.Ordinal))
            && History.Last(go => go.Next.Phase is DeploymentPhase.Retiring or DeploymentPhase.RetiringCandidate)
                .Message.Contains(proxy, StringComparison.Ordinal);
        Waived += waived ? 1 : 0;
        return waived;
    }

    /// <summary>I1, after whatever was published.</summary>
    private void CheckTables()
    {
        foreach (var table in _tables.Published)
        {
            Assert.True(table.Pools.Count == 0 || table.Pools.Sum(pool => pool.Weight) == 100, "I1: weights add up to 100.");
        }
    }
}
