using Fury.Hosting;
using Fury.Kernel;
using Npgsql;

namespace Fury.LittleMonster.Tests.Simulation;

/// <summary>
/// A caller's own transaction: what goes into it happens at its commit, all at one moment, or never. Simpler than the real one: a start that
/// finds its key taken is known only at the commit, which then fails.
/// </summary>
internal sealed class SimulatedTransaction(IWire wire) : ITransaction
{
    private readonly List<Func<bool>> _works = [];
    private readonly List<Action> _after = [];

    public NpgsqlConnection Connection => throw new NotSupportedException("There is no SQL in a simulation.");

    public NpgsqlTransaction Inner => throw new NotSupportedException("There is no SQL in a simulation.");

    public Task Tell(IEvent news, CancellationToken cancellation) => Task.CompletedTask;

    public void AfterCommit(Action action) => _after.Add(action);

    public T Later<T>(Func<T> work, T answer)
    {
        _works.Add(() => work()!.Equals(answer));
        return answer;
    }

    /// <summary>False when it was rolled back.</summary>
    public async Task<bool> Commit(Func<bool> may, TimeSpan timeout, CancellationToken cancellation)
    {
        var done = await wire.Call(timeout, () => may() && _works.TrueForAll(work => work()), cancellation);
        if (done)
        {
            _after.ForEach(action => action());
        }

        return done;
    }
}
