using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Fury.Compute.Contracts;
using Fury.Kernel;

namespace Fury.Compute.Engines;

/// <summary>A replica and what it writes.</summary>
/// <param name="Read">Its lines from where they are asked for; called once.</param>
public sealed record ReplicaLines(InstanceId Replica, Func<CancellationToken, IAsyncEnumerable<LogLine>> Read);

/// <summary>The lines of a pool: one reader for each replica, and for those that come while they are followed.</summary>
public static class PoolLines
{
    /// <summary>Lines that a slow reader may be behind before the replicas' readers wait.</summary>
    private const int WaitingMax = 1000;

    private static readonly TimeSpan NewReplicasPeriod = TimeSpan.FromSeconds(1);

    /// <summary>The lines of all replicas as they are read, in order for each; with <paramref name="follow"/> until cancelled.</summary>
    /// <param name="replicas">Those that can be read now; asked every second while it follows.</param>
    public static async IAsyncEnumerable<LogLine> Read(
        Func<CancellationToken, Task<IEnumerable<ReplicaLines>>> replicas,
        bool follow,
        TimeProvider clock,
        [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var lines = Channel.CreateBounded<LogLine>(WaitingMax);
        var reading = ReadAll(lines.Writer, ended.Token);
        try
        {
            await foreach (var line in lines.Reader.ReadAllAsync(cancellation))
            {
                yield return line;
            }
        }
        finally
        {
            await ended.CancelAsync();
            await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        async Task ReadAll(ChannelWriter<LogLine> writer, CancellationToken stop)
        {
            var readers = new Dictionary<InstanceId, Task>();
            try
            {
                do
                {
                    foreach (var replica in await replicas(stop))
                    {
                        if (!readers.ContainsKey(replica.Replica))
                        {
                            readers[replica.Replica] = ReadOne(replica.Read(stop), writer, stop);
                        }
                    }

                    if (follow)
                    {
                        await Task.Delay(NewReplicasPeriod, clock, stop);
                    }
                }
                while (follow);

                await Task.WhenAll(readers.Values);
            }
            finally
            {
                await Task.WhenAll(readers.Values).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                writer.TryComplete();
            }
        }

        static async Task ReadOne(IAsyncEnumerable<LogLine> source, ChannelWriter<LogLine> writer, CancellationToken stop)
        {
            await foreach (var line in source.WithCancellation(stop))
            {
                await writer.WriteAsync(line, stop);
            }
        }
    }
}
