using System.Runtime.CompilerServices;
using Fury.Sdk.Drivers;

namespace Fury.Sdk.Streams;

/// <summary>
/// A member of a group: looks for partitions that nobody has, one a round so that members share them, and gives them to the application.
/// </summary>
internal sealed class GroupMember(ServiceChannel<IStreamDriver> channel, string group) : IAsyncDisposable
{
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(15);

    private static readonly Operation Partitions = new("get-partitions", Effect.Read);
    private static readonly Operation Claim = new("claim", Effect.Idempotent);
    private static readonly TimeSpan Round = TimeSpan.FromSeconds(1);

    private readonly string _member = Guid.CreateVersion7(channel.Clock.GetUtcNow()).ToString("N");
    private readonly Dictionary<string, PortablePartitionReader> _readers = [];

    public async IAsyncEnumerable<StreamPartitionReader> Join([EnumeratorCancellation] CancellationToken cancellation)
    {
        while (true)
        {
            foreach (var partition in await Free(cancellation))
            {
                if (await TryClaim(partition, cancellation) is { } reader)
                {
                    yield return reader;
                    break;
                }
            }

            await Task.Delay(Round, channel.Clock, cancellation);
        }
    }

    /// <summary>Lets go what the application has not.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var reader in _readers.Values)
        {
            await reader.DisposeAsync();
        }
    }

    private async Task<IReadOnlyList<string>> Free(CancellationToken cancellation)
    {
        try
        {
            var all = await channel.Invoke(Partitions, null, 0, static (driver, _, _, stop) => driver.GetPartitionsAsync(stop), cancellation);
            return [.. all.Where(each => !_readers.TryGetValue(each, out var reader) || reader.IsOver)];
        }
        catch (FuryException trouble) when (trouble.IsTransient)
        {
            return [];
        }
    }

    private async Task<PortablePartitionReader?> TryClaim(string partition, CancellationToken cancellation)
    {
        try
        {
            var claim = await channel.Invoke(
                Claim,
                null,
                (group, partition, Member: _member),
                static (driver, _, state, stop) => driver.ClaimAsync(state.group, state.partition, state.Member, Lease, stop),
                cancellation);
            return claim is { } taken ? _readers[partition] = new PortablePartitionReader(channel, group, partition, _member, taken) : null;
        }
        catch (FuryException trouble) when (trouble.IsTransient)
        {
            return null;
        }
    }
}
