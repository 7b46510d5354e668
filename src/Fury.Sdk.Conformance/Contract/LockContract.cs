using Fury.Sdk.Coordination;
using static Fury.Sdk.Conformance.Expect;

namespace Fury.Sdk.Conformance.Contract;

internal static class LockContract
{
    private static readonly Section Locks = new(ServiceKind.Locks, ConformanceLevel.Contract);
    private static readonly LockOptions Short = new() { Lease = TimeSpan.FromSeconds(2), AutoRenew = false };

    public static IEnumerable<ConformanceTest> Tests =>
    [
        Locks.Core("locks: a held lock is nobody else's", async run =>
        {
            var (mine, other) = (await run.Locks(), await run.Locks());
            await using var lease = NotNull(await mine.TryAcquireAsync("a", Short));
            True(await other.TryAcquireAsync("a", Short) is null);
            True(await mine.TryAcquireAsync("a", Short) is null);
            await using var b = NotNull(await other.TryAcquireAsync("b", Short));
        }),
        Locks.Core("locks: a released lock is free", async run =>
        {
            var locks = await run.Locks();
            await NotNull(await locks.TryAcquireAsync("a", Short)).DisposeAsync();
            await using var again = NotNull(await locks.TryAcquireAsync("a", Short));
        }),
        Locks.Core("locks: tokens grow with each holder", async run =>
        {
            var locks = await run.Locks();
            var last = 0L;
            for (var index = 0; index < 3; index++)
            {
                await using var lease = NotNull(await locks.TryAcquireAsync("a", Short));
                True(lease.FencingToken > last);
                last = lease.FencingToken;
            }
        }),
        Locks.Core("locks: a lapsed lock is another's with a higher token", async run =>
        {
            var locks = await run.Locks();
            var lapsed = NotNull(await locks.TryAcquireAsync("a", Short));
            await run.Advance(TimeSpan.FromSeconds(2.2));
            await using var current = NotNull(await locks.TryAcquireAsync("a", Short));
            True(current.FencingToken > lapsed.FencingToken);
            True(lapsed.Lost.IsCancellationRequested);
            await Fails(FuryErrorCode.LeaseLost, () => lapsed.RenewAsync(TimeSpan.FromSeconds(5)));
            await lapsed.DisposeAsync();
            True((await locks.PeekAsync("a")).Held);
        }),
        Locks.Core("locks: a token of a later epoch is higher", async run =>
        {
            var (before, after) = (await run.Locks(epoch: 1), await run.Locks(epoch: 2));
            var old = NotNull(await before.TryAcquireAsync("a", Short));
            await old.DisposeAsync();
            await using var lease = NotNull(await after.TryAcquireAsync("b", Short));
            True(lease.FencingToken > old.FencingToken + 1_000_000);
        }),
        Locks.With(CoordinationCapabilities.Renew, "locks: a renewed lock is kept", async run =>
        {
            var locks = await run.Locks();
            await using var lease = NotNull(await locks.TryAcquireAsync("a", Short));
            await lease.RenewAsync(TimeSpan.FromSeconds(6));
            await run.Advance(TimeSpan.FromSeconds(3));
            True(await locks.TryAcquireAsync("a", Short) is null);
            True(!lease.Lost.IsCancellationRequested);
        }),
        Locks.With(CoordinationCapabilities.Renew, "locks: a lock renews itself", async run =>
        {
            var locks = await run.Locks();
            await using var lease = NotNull(await locks.TryAcquireAsync("a", Short with { AutoRenew = true }));
            for (var index = 0; index < 10; index++)
            {
                await run.Advance(TimeSpan.FromSeconds(0.5));
            }

            True(!lease.Lost.IsCancellationRequested);
            True(await locks.TryAcquireAsync("a", Short) is null);
        }),
        Locks.Core("locks: peeking tells when it ends", async run =>
        {
            var locks = await run.Locks();
            True(!(await locks.PeekAsync("a")).Held);
            await using var lease = NotNull(await locks.TryAcquireAsync("a", Short));
            True((await locks.PeekAsync("a")).ExpiresAt > run.Clock.GetUtcNow());
        }),
        Locks.Core("locks: waiting ends with a free lock or at its time", async run =>
        {
            var locks = await run.Locks();
            var held = NotNull(await locks.TryAcquireAsync("a", Short));
            await Fails(FuryErrorCode.Timeout, () => locks.AcquireAsync("a", Short with { Wait = TimeSpan.FromMilliseconds(200) }));
            var waiting = locks.AcquireAsync("a", Short with { Wait = TimeSpan.FromSeconds(20) });
            await held.DisposeAsync();
            await using var lease = await waiting;
        }),
    ];
}

internal static class SequenceContract
{
    private static readonly Section Sequences = new(ServiceKind.Sequences, ConformanceLevel.Contract);

    public static IEnumerable<ConformanceTest> Tests =>
    [
        Sequences.Core("sequences: numbers begin at one and grow", async run =>
        {
            var sequences = await run.Sequences();
            Equal(0L, await sequences.PeekAsync("a"));
            Equal(1L, await sequences.NextAsync("a"));
            True(await sequences.NextAsync("a") > 1);
            Equal(1L, await sequences.NextAsync("b"));
        }),
        Sequences.With(CoordinationCapabilities.Range, "sequences: ranges do not overlap", async run =>
        {
            var sequences = await run.Sequences();
            var first = await sequences.ReserveAsync("a", 10);
            var second = await sequences.ReserveAsync("a", 5);
            Equal((10L, 5L), (first.Count, second.Count));
            True(second.First > first.Last);
            True(await sequences.PeekAsync("a") >= second.Last);
        }),
    ];
}
