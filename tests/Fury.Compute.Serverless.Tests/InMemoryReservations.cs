using System.Text.Json;
using Fury.Compute.Serverless.Placement;
using Fury.Kernel;

namespace Fury.Compute.Serverless.Tests;

/// <summary>The store without a database, which can be told to fail before a write or after it.</summary>
internal sealed class InMemoryReservations : IReservationStore
{
    private readonly Dictionary<(PoolId, string), string> _rows = [];
    private readonly Dictionary<PoolId, Decision> _decisions = [];
    private long _fence;

    /// <summary>Before the next write: false fails it unwritten, true fails it though it is written; null lets it be.</summary>
    public Func<bool?> Fail { get; set; } = () => null;

    public Task<Outcome<Reservation[]>> TakeOver(long fence, CancellationToken cancellation)
    {
        if (fence < _fence)
        {
            return Task.FromResult<Outcome<Reservation[]>>(Fault.Stale("Another host places now."));
        }

        _fence = fence;
        return Task.FromResult<Outcome<Reservation[]>>(All());
    }

    public Task<Outcome> Write(long fence, ReservationChanges changes, CancellationToken cancellation)
    {
        if (fence < _fence)
        {
            return Task.FromResult<Outcome>(Fault.Stale("Another host places now."));
        }

        var fails = Fail();
        if (fails != false)
        {
            foreach (var (key, kept) in changes.Kept)
            {
                // As text: what does not survive the table is lost here too.
                _rows[key] = JsonSerializer.Serialize(kept, FuryJson.Options);
            }

            foreach (var gone in changes.Gone)
            {
                _rows.Remove(gone);
            }

            foreach (var (pool, decision) in changes.Decisions)
            {
                _decisions[pool] = decision;
            }

            foreach (var retired in changes.Retired)
            {
                _decisions.Remove(retired);
            }
        }

        return fails is null ? Task.FromResult(Outcome.Ok) : throw new IOException("The connection broke.");
    }

    public Task<IReadOnlyList<Reservation>> List(CancellationToken cancellation) => Task.FromResult<IReadOnlyList<Reservation>>(All());

    public Task<Decision?> FindDecision(PoolId pool, CancellationToken cancellation) => Task.FromResult(_decisions.GetValueOrDefault(pool));

    private Reservation[] All() => [.. _rows.Values.Select(row => JsonSerializer.Deserialize<Reservation>(row, FuryJson.Options)!)];
}
