using System.Security.Cryptography;
using Fury.Sdk.Drivers;
using Fury.Sdk.Streams;

namespace Fury.Services.Attesting;

/// <summary>
/// Whether a partition has one member of a group, and who was overtaken can say nothing any more. Records would stay, so none is written; of the group an empty
/// entry may stay, by the same name each time.
/// </summary>
internal sealed class StreamProbe(IStreamDriver stream, Probe probe, TimeProvider clock)
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(20);

    private readonly string _one = RandomNumberGenerator.GetHexString(32, lowercase: true);
    private readonly string _other = RandomNumberGenerator.GetHexString(32, lowercase: true);

    public async Task Run(CancellationToken cancellation)
    {
        if ((await stream.GetPartitionsAsync(cancellation)) is not [var partition, ..])
        {
            return;
        }

        await stream.ReadAsync(partition, StreamPosition.Earliest, 1, TimeSpan.Zero, cancellation);
        try
        {
            await probe.Ask(stream, StreamCapabilities.Groups, () => Shares(partition, cancellation));
        }
        finally
        {
            await Probe.Clean([_one, _other], (member, stop) => stream.ReleaseAsync(Probe.Name, partition, member, stop), clock);
        }
    }

    private async Task<bool> Shares(string partition, CancellationToken cancellation)
    {
        var first = await Claim(_one);
        var kept = await Claim(_one);
        var refused = await Claim(_other);
        await stream.ReleaseAsync(Probe.Name, partition, _one, cancellation);
        var second = await Claim(_other);
        return first is { } before && second is { } after && refused is null
            && kept?.Generation == before.Generation
            && after.Generation > before.Generation
            && !await stream.CheckpointAsync(Probe.Name, partition, before.Generation, StreamPosition.Earliest, cancellation);

        ValueTask<PartitionClaim?> Claim(string member) => stream.ClaimAsync(Probe.Name, partition, member, Lease, cancellation);
    }
}
