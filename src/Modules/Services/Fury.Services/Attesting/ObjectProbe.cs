using System.Security.Cryptography;
using Fury.Sdk;
using Fury.Sdk.Drivers;
using Fury.Sdk.Objects;

namespace Fury.Services.Attesting;

/// <summary>What a bucket does with conditions, and what its listings and ETags say.</summary>
internal sealed class ObjectProbe(IObjectDriver bucket, Probe probe, TimeProvider clock)
{
    private const int RoundsCount = 2;
    private static readonly byte[] Body = "attested"u8.ToArray();
    private static readonly ReadOnlyMemory<byte> Sha256 = SHA256.HashData(Body);

    private readonly string _prefix = Probe.NewName(clock) + "/";
    private readonly HashSet<string> _keys = [];

    public async Task Run(CancellationToken cancellation)
    {
        try
        {
            await probe.Ask(bucket, ObjectCapabilities.ConditionalCreate, () => CreatesOnce(cancellation));
            await probe.Ask(bucket, ObjectCapabilities.ConditionalUpdate, () => Compares(cancellation));
            await probe.Ask(bucket, ObjectCapabilities.UniqueETag, () => TellsWritesApart(cancellation));
            await probe.Ask(bucket, ObjectCapabilities.StrongListing, () => Lists(cancellation));
            await probe.Ask(bucket, ObjectCapabilities.Checksum, () => KeepsTheHash(cancellation));
        }
        finally
        {
            await Probe.Clean(_keys.ToList(), async (key, stop) => await bucket.DeleteAsync(key, WriteCondition.None, stop), clock);
        }
    }

    private async Task<bool> CreatesOnce(CancellationToken cancellation)
    {
        for (var round = 0; round < RoundsCount; round++)
        {
            var created = await Probe.Race(() => Put($"create-{round}", WriteCondition.IfAbsent, cancellation));
            if (created.Count(one => one.Applied) != 1 || (await Put($"create-{round}", WriteCondition.IfAbsent, cancellation)).Applied)
            {
                return false;
            }
        }

        return true;
    }

    private async Task<bool> Compares(CancellationToken cancellation)
    {
        var first = await Tag("update", Body, cancellation);
        var second = await Tag("update", [1], cancellation);
        return second != first
            && !(await Put("update", WriteCondition.IfMatch(first), cancellation)).Applied
            && (await Put("update", WriteCondition.IfMatch(second), cancellation)).Applied;
    }

    private async Task<bool> TellsWritesApart(CancellationToken cancellation) =>
        await Tag("unique", Body, cancellation) != await Tag("unique", Body, cancellation);

    private async Task<bool> Lists(CancellationToken cancellation)
    {
        for (var round = 0; round < RoundsCount; round++)
        {
            await Put($"list-{round}", WriteCondition.None, cancellation);
            if ((await bucket.ListAsync($"{_prefix}list-", null, null, 10, cancellation)).Count != round + 1)
            {
                return false;
            }
        }

        return true;
    }

    private async Task<bool> KeepsTheHash(CancellationToken cancellation)
    {
        await Put("hash", WriteCondition.None, cancellation);
        return await bucket.HeadAsync(_prefix + "hash", cancellation) is { } seen && seen.Sha256.Span.SequenceEqual(Sha256.Span);
    }

    private async Task<ETag> Tag(string key, byte[] body, CancellationToken cancellation)
    {
        await Put(key, WriteCondition.None, cancellation, body);
        return (await bucket.HeadAsync(_prefix + key, cancellation))?.ETag ?? default;
    }

    private async Task<ObjectPut> Put(string key, WriteCondition condition, CancellationToken cancellation, byte[]? body = null)
    {
        lock (_keys)
        {
            _keys.Add(_prefix + key);
        }

        var headers = new ObjectHeaders("text/plain", new Dictionary<string, string>());
        return await bucket.PutAsync(
            _prefix + key, body ?? Body, headers, body is null ? Sha256 : SHA256.HashData(body), condition, cancellation);
    }
}
