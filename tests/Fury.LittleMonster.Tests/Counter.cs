using Fury.Hosting;

namespace Fury.LittleMonster.Tests;

/// <summary>Counts what a host does to the outside, and lets it die before or after doing it the n-th time. Dead hosts do nothing.</summary>
public sealed class Counter
{
    private readonly Lock _lock = new();
    private int _count;
    private int _underWay;
    private int _dieAt;
    private bool _dieAfter;
    private volatile bool _dead;
    private Action _die = () => { };

    public int Count => _count;

    /// <summary>What was begun and has not ended.</summary>
    public int UnderWay => _underWay;

    /// <summary>Arms it: the n-th from now, once.</summary>
    public void At(int number, bool after, Action die)
    {
        lock (_lock)
        {
            (_dieAt, _dieAfter, _die) = (_count + number, after, die);
        }
    }

    /// <summary>Another host lives.</summary>
    public void Live()
    {
        lock (_lock)
        {
            (_dead, _dieAt) = (false, 0);
        }
    }

    /// <summary>One half of the deed: before, or after.</summary>
    public void Pass(bool after)
    {
        var number = after ? _count : Interlocked.Increment(ref _count);
        Die(number, after);
    }

    public async Task<T> Around<T>(Func<Task<T>> act)
    {
        Interlocked.Increment(ref _underWay);
        try
        {
            var number = Interlocked.Increment(ref _count);
            Die(number, false);
            if (_dead)
            {
                throw new OperationCanceledException("The host is dead.");
            }

            var result = await act();
            Die(number, true);
            return result;
        }
        finally
        {
            Interlocked.Decrement(ref _underWay);
        }
    }

    private void Die(int number, bool after)
    {
        lock (_lock)
        {
            if (number != _dieAt || after != _dieAfter)
            {
                return;
            }

            (_dead, _dieAt) = (true, 0);
        }

        _die();
    }
}

/// <summary>Counts the writes that steps cause outside of the flushes.</summary>
internal sealed class CountingStore(ISagaStore store, Counter requests) : ISagaStore
{
    public Task Register(CancellationToken cancellation) => store.Register(cancellation);

    public long Process => store.Process;

    public short DefinitionId(SagaDefinition definition) => store.DefinitionId(definition);

    public Task<IReadOnlyList<SagaRow>> Load(short[] shards, CancellationToken cancellation) => store.Load(shards, cancellation);

    public Task<SagaRow?> Find(SagaId id, CancellationToken cancellation) => store.Find(id, cancellation);

    public Task<StartAnswer> RequestStart(StartRow start, byte[] payload, ITransaction? transaction, CancellationToken cancellation) =>
        store.RequestStart(start, payload, transaction, cancellation);

    public Task Request(InboxRequest request, ITransaction? transaction, CancellationToken cancellation) => requests.Around(async () =>
    {
        await store.Request(request, transaction, cancellation);
        return true;
    });

    public Task<IReadOnlyList<InboxRow>> Inbox(short[] shards, long[] known, int limit, CancellationToken cancellation) =>
        store.Inbox(shards, known, limit, cancellation);

    public Task<byte[]?> WaitingStart(SagaId id, CancellationToken cancellation) => store.WaitingStart(id, cancellation);

    public Task<IReadOnlyList<KeptStart>> Look(IReadOnlyList<string> keys, bool seal, CancellationToken cancellation) => seal
        ? requests.Around(() => store.Look(keys, seal, cancellation))
        : store.Look(keys, seal, cancellation);
}
