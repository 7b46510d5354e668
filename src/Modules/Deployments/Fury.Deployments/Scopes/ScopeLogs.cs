using System.Globalization;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Fury.Catalog.Contracts;
using Fury.Compute.Contracts;
using Fury.Deployments.Driving;
using Fury.Kernel;

namespace Fury.Deployments.Scopes;

/// <summary>Lines, read once.</summary>
internal sealed record LogText(IAsyncEnumerable<string> Lines);

/// <summary>The lines of all pools of a scope, merged; pools that come while it is followed are followed too.</summary>
internal sealed class ScopeLogs(ICatalog catalog, World world, TimeProvider clock)
{
    public const int TailDefault = 100;
    public const int TailMax = 5000;

    /// <summary>A reader that is slower than the replicas holds the engine back and takes no memory.</summary>
    private const int LinesHeldMax = 1000;

    private static readonly TimeSpan PoolsPoll = TimeSpan.FromSeconds(1);

    public async Task<Outcome<LogText>> Open(ScopeRef scope, int tail, bool follow, CancellationToken cancellation)
    {
        var validation = new Validation();
        validation.Require(tail is >= 1 and <= TailMax, tail, $"1 to {TailMax}");
        if (validation.Fault is { } bad)
        {
            return bad;
        }

        var known = await catalog.FindScope(scope, cancellation);
        if (!known.IsOk)
        {
            return known.Fault;
        }

        return new LogText(Read(scope, tail, follow, cancellation));
    }

    private async IAsyncEnumerable<string> Read(
        ScopeRef scope, int tail, bool follow, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var lines = Channel.CreateBounded<LogLine>(new BoundedChannelOptions(LinesHeldMax) { SingleReader = true });
        var reading = ReadAll(scope, tail, follow, lines.Writer, stop.Token);
        try
        {
            await foreach (var line in lines.Reader.ReadAllAsync(cancellation))
            {
                yield return Text(line);
            }

            await reading;
        }
        finally
        {
            await stop.CancelAsync();
            await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ReadAll(
        ScopeRef scope, int tail, bool follow, ChannelWriter<LogLine> lines, CancellationToken cancellation)
    {
        Dictionary<PoolId, Task> readers = [];
        try
        {
            do
            {
                foreach (var engine in world.Engines)
                {
                    foreach (var pool in (await engine.List(scope, cancellation)).Where(pool => !readers.ContainsKey(pool.Id)))
                    {
                        readers[pool.Id] = ReadOne(engine, pool.Id, tail, follow, lines, cancellation);
                    }
                }

                await (follow ? Task.Delay(PoolsPoll, clock, cancellation) : Task.WhenAll(readers.Values));
            }
            while (follow);
        }
        finally
        {
            lines.Complete();
        }
    }

    private static async Task ReadOne(
        IComputeEngine engine, PoolId pool, int tail, bool follow, ChannelWriter<LogLine> lines, CancellationToken cancellation)
    {
        await foreach (var line in engine.Logs(pool, tail, follow, cancellation))
        {
            await lines.WriteAsync(line, cancellation);
        }
    }

    /// <summary>Time, the ends of the pool's and the replica's id (their beginnings are times), and the line.</summary>
    private static string Text(LogLine line) => string.Create(
        CultureInfo.InvariantCulture,
        $"{line.At:yyyy-MM-dd'T'HH:mm:ss.fff'Z'} {Short(line.Pool.Value)}/{Short(line.Replica.Value)} {line.Text}");

    private static string Short(Guid id) => id.ToString()[^6..];
}
