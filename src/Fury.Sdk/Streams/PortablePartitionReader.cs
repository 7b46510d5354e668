using System.Runtime.CompilerServices;
using Fury.Sdk.Drivers;

namespace Fury.Sdk.Streams;

internal sealed class PortablePartitionReader : StreamPartitionReader
{
    private const int BatchMax = 500;

    private static readonly Operation Read = new("read", Effect.Read);
    private static readonly Operation Claim = new("claim", Effect.Idempotent);
    private static readonly Operation Checkpoint = new("checkpoint", Effect.Idempotent);
    private static readonly Operation Release = new("release", Effect.Idempotent);
    private static readonly TimeSpan ReadWait = TimeSpan.FromSeconds(5);

    private readonly ServiceChannel<IStreamDriver> _channel;
    private readonly string _group;
    private readonly string _member;
    private readonly PartitionClaim _claim;
    private readonly CancellationTokenSource _revoked = new();
    private readonly ITimer _renewal;
    private readonly ITimer _expiry;
    private bool _over;

    public PortablePartitionReader(ServiceChannel<IStreamDriver> channel, string group, string partition, string member, PartitionClaim claim)
    {
        (_channel, _group, Partition, _member, _claim) = (channel, group, partition, member, claim);
        var third = GroupMember.Lease / 3;
        _renewal = channel.Clock.CreateTimer(_ => _ = Renew(), null, third, third);
        _expiry = channel.Clock.CreateTimer(_ => _revoked.Cancel(), null, GroupMember.Lease, Timeout.InfiniteTimeSpan);
    }

    public override string Partition { get; }

    public override CancellationToken Revoked => _revoked.Token;

    public bool IsOver => _over || _revoked.IsCancellationRequested;

    public override async IAsyncEnumerable<IReadOnlyList<StreamRecord>> ReadAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _revoked.Token);
        var position = _claim.Checkpoint;
        while (!IsOver)
        {
            IReadOnlyList<StreamRecord> batch;
            try
            {
                batch = await _channel.Invoke(
                    Read,
                    null,
                    (Partition, position),
                    static (driver, _, state, stop) => driver.ReadAsync(state.Partition, state.position, BatchMax, ReadWait, stop),
                    either.Token,
                    ReadWait);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                yield break;
            }

            if (batch.Count > 0)
            {
                position = batch[^1].Position;
                yield return batch;
            }
        }
    }

    public override async Task CheckpointAsync(StreamPosition position, CancellationToken cancellationToken = default)
    {
        var kept = !IsOver && await _channel.Invoke(
            Checkpoint,
            null,
            (Group: _group, Partition, _claim.Generation, position),
            static (driver, _, state, stop) => driver.CheckpointAsync(state.Group, state.Partition, state.Generation, state.position, stop),
            cancellationToken);
        if (!kept)
        {
            await _revoked.CancelAsync();
            throw Failure.LeaseLost($"the partition '{Partition}' in the group '{_group}'");
        }
    }

    public override async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _over, true))
        {
            return;
        }

        await _renewal.DisposeAsync();
        await _expiry.DisposeAsync();
        try
        {
            await _channel.Invoke(
                Release,
                null,
                (Group: _group, Partition, Member: _member),
                static async (driver, _, state, stop) =>
                {
                    await driver.ReleaseAsync(state.Group, state.Partition, state.Member, stop);
                    return true;
                },
                CancellationToken.None);
        }
        catch (FuryException)
        {
            // Its lease ends anyhow.
        }
    }

    private async Task Renew()
    {
        try
        {
            var claim = await _channel.Invoke(
                Claim,
                null,
                (Group: _group, Partition, Member: _member),
                static (driver, _, state, stop) => driver.ClaimAsync(state.Group, state.Partition, state.Member, GroupMember.Lease, stop),
                CancellationToken.None);
            if (claim?.Generation != _claim.Generation)
            {
                await _revoked.CancelAsync();
            }
            else if (!_over)
            {
                _expiry.Change(GroupMember.Lease, Timeout.InfiniteTimeSpan);
            }
        }
        catch (FuryException)
        {
            // Tried again at the next third, and over at the end of the lease.
        }
    }
}
