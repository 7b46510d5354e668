using System.Globalization;
using System.Text;
using Fury.Sdk.Coordination;
using Fury.Sdk.Drivers;

namespace Fury.Sdk.Etcd;

/// <summary>etcd compares and swaps, and does not count: one at a time in this process, and again when another process was faster.</summary>
internal sealed class EtcdSequences(DriverContext context) : EtcdDriver(context), ISequenceDriver
{
    private const int SwapsMax = 100;

    private readonly SemaphoreSlim _turn = new(1);

    public override CapabilitySet Declared { get; } = CapabilitySet.Native(CoordinationCapabilities.Range);

    public async ValueTask<long> ReserveAsync(string sequence, long count, CancellationToken cancellation) =>
        await Swap(sequence, last => last + count, cancellation) - count + 1;

    public async ValueTask<long> PeekAsync(string sequence, CancellationToken cancellation) => Number(await Find(Key(sequence), cancellation));

    public async ValueTask RaiseAsync(string sequence, long floor, CancellationToken cancellation) =>
        await Swap(sequence, last => Math.Max(last, floor), cancellation);

    /// <summary>What was kept at last.</summary>
    private async ValueTask<long> Swap(string sequence, Func<long, long> next, CancellationToken cancellation)
    {
        var key = Key(sequence);
        await _turn.WaitAsync(cancellation);
        try
        {
            var current = await Find(key, cancellation);
            for (var swap = 1; swap <= SwapsMax; swap++)
            {
                var wanted = next(Number(current));
                var outcome = await Transact(
                    [EtcdCompare.At(key, current?.ModRevision ?? 0)],
                    [new EtcdStep(RequestPut: new EtcdPut(key, Bytes(wanted.ToString(CultureInfo.InvariantCulture))))],
                    [new EtcdStep(RequestRange: new EtcdRange(key))],
                    cancellation);
                if (outcome.Succeeded)
                {
                    return wanted;
                }

                current = outcome.Responses?[0].ResponseRange?.Entries is [var entry] ? entry : null;
            }

            throw Failure.Contended($"The sequence '{sequence}'", SwapsMax);
        }
        finally
        {
            _turn.Release();
        }
    }

    private static long Number(EtcdEntry? entry) =>
        entry is null ? 0 : long.Parse(Encoding.ASCII.GetString(entry.Bytes), CultureInfo.InvariantCulture);

    private byte[] Key(string sequence) => Bytes($"{Resource}/sequence/{sequence}");
}
