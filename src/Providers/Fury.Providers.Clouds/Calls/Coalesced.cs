using Fury.Kernel;

namespace Fury.Providers.Clouds;

/// <summary>
/// Makes one call of many that are asked for at about the same time, region by region: whoever asks shares the answer. A call whose first asker goes away is
/// made all the same, since others may share it.
/// </summary>
/// <param name="call">For the ids of a region, at most <paramref name="idsMax"/>.</param>
internal sealed class Coalesced(
    Func<string, IReadOnlyList<string>, CancellationToken, Task<Outcome>> call, int idsMax, TimeProvider clock)
{
    /// <summary>How long the first waits for others.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Batch> _open = [];

    public async Task<Outcome> Ask(string region, string id, CancellationToken cancellation)
    {
        Batch batch;
        lock (_lock)
        {
            if (!_open.TryGetValue(region, out batch!))
            {
                batch = _open[region] = new();
                batch.Answer = Make(region, batch);
            }

            batch.Ids.Add(id);
            if (batch.Ids.Count >= idsMax)
            {
                _open.Remove(region);
            }
        }

        return await batch.Answer.WaitAsync(cancellation);
    }

    private async Task<Outcome> Make(string region, Batch batch)
    {
        await Task.Delay(Window, clock);
        lock (_lock)
        {
            if (_open.GetValueOrDefault(region) == batch)
            {
                _open.Remove(region);
            }
        }

        return await call(region, [.. batch.Ids], CancellationToken.None);
    }

    private sealed class Batch
    {
        public HashSet<string> Ids { get; } = [];

        public Task<Outcome> Answer { get; set; } = null!;
    }
}
