using Microsoft.Extensions.Logging;

namespace Fury.LittleMonster;

/// <summary>Which shards, sagas and concurrency keys this host has in hand.</summary>
internal sealed partial class Engine
{
    private readonly HashSet<short> _owned = [];
    private readonly HashSet<short> _draining = [];
    private readonly Dictionary<short, int> _starting = [];
    private readonly Dictionary<short, HashSet<LiveSaga>> _byShard = [];

    /// <summary>The saga that has each key; those that wait for it hang behind.</summary>
    private readonly Dictionary<string, LiveSaga> _keys = new(StringComparer.Ordinal);

    /// <summary>Takes over shards, with the sagas that the database has for them.</summary>
    public Task<bool> Adopt(IReadOnlyList<short> shards, IReadOnlyList<SagaRow> rows) => Ask(
        () =>
        {
            _owned.UnionWith(shards);
            _limits.Share = (double)_owned.Count / SagaToken.ShardsMax;
            _live.EnsureCapacity(_live.Count + rows.Count);
            foreach (var row in rows)
            {
                Admit(row.Saga);
            }

            _parts.Log.LogInformation("Took over {Shards} shards with {Sagas} sagas", shards.Count, rows.Count);
            TakeIn();
            return true;
        },
        false);

    public Task<int> OwnedCount() => Ask(() => _owned.Count - _draining.Count, 0);

    public Task<bool> Owns(short shard) => Ask(() => _owned.Contains(shard) && !_draining.Contains(shard), false);

    public Task<bool> IsIdle() => Ask(() => _running == 0 && _starting.Count == 0 && _live.Values.All(live => live.IsIdle), true);

    /// <summary>Begins to give up shards, those at rest first: no call of theirs begins any more.</summary>
    public void Drain(int count) => Post(() =>
    {
        var chosen = _owned.Except(_draining).OrderBy(shard => ShardSagas(shard).Count(live => !live.IsIdle)).ThenBy(shard => shard)
            .Take(count).ToArray();
        _draining.UnionWith(chosen);
        foreach (var shard in chosen)
        {
            Release(shard);
        }
    });

    private HashSet<LiveSaga> ShardSagas(short shard) => _byShard.TryGetValue(shard, out var sagas) ? sagas : [];

    private void Release(short shard)
    {
        // Nothing is given up once this incarnation is over: what its lanes had under way may still be written.
        if (_over.Task.IsCompleted || !_draining.Contains(shard) || _starting.ContainsKey(shard) || ShardSagas(shard).Any(Busy))
        {
            return;
        }

        foreach (var live in ShardSagas(shard))
        {
            foreach (var waiter in live.Waiters ?? [])
            {
                waiter.TrySetResult(null);
            }

            if (live.Turn is { } turn)
            {
                turn.Void = true;
            }

            _wakes.Remove(live);
            _live.Remove(live.Saga.Id);
            _keys.Remove(live.Saga.Key);
        }

        _byShard.Remove(shard);
        _draining.Remove(shard);
        _owned.Remove(shard);
        _limits.Share = (double)_owned.Count / SagaToken.ShardsMax;
        _parts.Rested(shard);
    }

    private static bool Busy(LiveSaga live) => live.Writing || live.Pending is { Count: > 0 } || live.Turn is { Interrupt: not null };

    /// <summary>Takes a committed saga in hand, and lets it run when its key is free.</summary>
    private void Admit(SagaRecord saga)
    {
        var definition = Registry.Resolve(saga.Name, saga.Version);
        var parked = definition is null || (definition.Version == saga.Version && saga.Step >= definition.Steps.Count);
        if (parked)
        {
            _parts.Log.LogWarning("Saga {Saga} is parked: {Name} version {Version} is not known here", saga.Id, saga.Name, saga.Version);
        }

        var live = new LiveSaga(saga, parked ? null : definition);
        if (!_live.TryAdd(saga.Id, live))
        {
            return;
        }

        if (!_byShard.TryGetValue(saga.Shard, out var sagas))
        {
            _byShard[saga.Shard] = sagas = [];
        }

        sagas.Add(live);
        if (!parked && definition!.Version != saga.Version)
        {
            Handle(live, new SagaEvent.UpgradeDue(Registry.StepsOf(saga.Name, saga.Version)));
        }

        if (_keys.TryGetValue(saga.Key, out var first))
        {
            (first.LastOfKey ?? first).NextOfKey = live;
            first.LastOfKey = live;
        }
        else
        {
            _keys[saga.Key] = live;
            Handle(live, new SagaEvent.Resumed());
        }
    }

    /// <summary>Lets go of a saga that has ended. It had its key, which is the next one's now.</summary>
    private void Forget(LiveSaga live)
    {
        _wakes.Remove(live);
        _live.Remove(live.Saga.Id);
        ShardSagas(live.Saga.Shard).Remove(live);
        if (live.NextOfKey is { } next)
        {
            next.LastOfKey = live.LastOfKey == next ? null : live.LastOfKey;
            _keys[live.Saga.Key] = next;
            Handle(next, new SagaEvent.Resumed());
        }
        else
        {
            _keys.Remove(live.Saga.Key);
        }

        Release(live.Saga.Shard);
    }
}
