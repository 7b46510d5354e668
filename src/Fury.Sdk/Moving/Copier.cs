using Fury.Sdk.Bindings;
using Fury.Sdk.KeyValue;

namespace Fury.Sdk.Moving;

/// <param name="PageSize">So many keys between two checkpoints.</param>
/// <param name="AtOnce">So many keys at the same time.</param>
/// <param name="KeysPerSecond">At most so many; null: as fast as it goes.</param>
internal sealed record CopierOptions(int PageSize = 200, int AtOnce = 8, double? KeysPerSecond = null);

/// <summary>What was found of all keys.</summary>
/// <param name="Left">Keys that are not yet where they should be: another pass finds them.</param>
/// <param name="Missing">Keys that are said to be where they are not.</param>
/// <param name="Different">Keys whose copy is not what was copied.</param>
internal sealed record MoveVerification(long Keys, long Left, long Missing, long Different);

/// <summary>What was found of one key.</summary>
internal readonly record struct KeyFound(bool Left, bool Missing, bool Different);

/// <summary>Goes over all keys of both stores, page by page, and says after each how far it is.</summary>
internal abstract class Copier<TKey>(CopierOptions options, TimeProvider clock)
{
    // In front of a cursor: in which of the two stores it is.
    private const string InSource = "s";
    private const string InTarget = "t";

    /// <summary>Hands every key on, by the phase. May be begun again from any checkpoint.</summary>
    /// <param name="checkpoint">Given the state after each page; at the end of the pass with no cursor.</param>
    public Task Copy(MovePhase phase, MoveState begin, Func<MoveState, ValueTask> checkpoint, CancellationToken cancellation) =>
        Copy(phase, HandOffAim.Move, begin, checkpoint, cancellation);

    /// <summary>Puts copies into the target before anything is handed over, so that this takes no time then.</summary>
    /// <inheritdoc cref="Copy(MovePhase, MoveState, Func{MoveState, ValueTask}, CancellationToken)"/>
    public Task CopyAhead(MoveState begin, Func<MoveState, ValueTask> checkpoint, CancellationToken cancellation) =>
        Copy(MovePhase.Preparing, HandOffAim.Ahead, begin, checkpoint, cancellation);

    /// <summary>
    /// Looks at all keys: whether each is where the end of the phase wants it, and whether what was copied is what was there. May be begun again from any
    /// checkpoint, which has what was found before.
    /// </summary>
    public async Task<MoveVerification> Verify(
        MovePhase phase, MoveState begin, Func<MoveState, ValueTask> checkpoint, CancellationToken cancellation)
    {
        var gate = new Lock();
        var (found, from) = VerifyCursor.Read(begin);
        await Pages(phase == MovePhase.Returning, from, async (state, keys) =>
        {
            await Each(keys, async (key, stop) =>
            {
                var (left, missing, different) = await Compare(phase, key, stop);
                lock (gate)
                {
                    found = new MoveVerification(
                        found.Keys + 1, found.Left + (left ? 1 : 0), found.Missing + (missing ? 1 : 0), found.Different + (different ? 1 : 0));
                }
            }, cancellation);
            await checkpoint(VerifyCursor.Write(state, found));
        }, cancellation);
        return found;
    }

    /// <summary>Steps until the key is where the phase and the aim want it.</summary>
    /// <param name="at">What is known of the key.</param>
    /// <param name="act">One step; false: something else was there than was seen.</param>
    /// <param name="what">Is handed over, in words.</param>
    protected static async ValueTask HandOn<TRecord>(
        MovePhase phase, HandOffAim aim, MovingKey<TRecord> at, Func<HandOffMove, ValueTask<bool>> act, string what)
        where TRecord : struct, IMovingRecord
    {
        for (var lost = 0; HandOff.Next(phase, aim, at.Seen) is var step && step != HandOffMove.Done;)
        {
            if (!await act(step) && ++lost == KvWriting.RoundsMax)
            {
                throw Failure.Contended(what, lost);
            }
        }
    }

    /// <summary>A page of keys of one of the two stores, in its own order, and where the next begins.</summary>
    protected abstract ValueTask<(IReadOnlyList<TKey> Keys, string? Next)> List(bool inTarget, string? from, int limit, CancellationToken cancellation);

    protected abstract ValueTask HandOn(MovePhase phase, HandOffAim aim, TKey key, CancellationToken cancellation);

    protected abstract ValueTask<KeyFound> Compare(MovePhase phase, TKey key, CancellationToken cancellation);

    private async Task Copy(
        MovePhase phase, HandOffAim aim, MoveState begin, Func<MoveState, ValueTask> checkpoint, CancellationToken cancellation)
    {
        var (begun, seen) = (clock.GetTimestamp(), 0L);
        await Pages(phase == MovePhase.Returning, begin, async (state, keys) =>
        {
            await Each(keys, (key, stop) => HandOn(phase, aim, key, stop), cancellation);
            await checkpoint(state);
            seen += keys.Count;
            var ahead = options.KeysPerSecond is { } rate ? TimeSpan.FromSeconds(seen / rate) - clock.GetElapsedTime(begun) : TimeSpan.Zero;
            if (ahead > TimeSpan.Zero)
            {
                await Task.Delay(ahead, clock, cancellation);
            }
        }, cancellation);
    }

    private Task Each(IReadOnlyList<TKey> keys, Func<TKey, CancellationToken, ValueTask> act, CancellationToken cancellation) => Parallel.ForEachAsync(
        keys, new ParallelOptions { MaxDegreeOfParallelism = options.AtOnce, CancellationToken = cancellation }, act);

    private async Task Pages(bool bothStores, MoveState begin, Func<MoveState, IReadOnlyList<TKey>, Task> page, CancellationToken cancellation)
    {
        for (var state = begin; ;)
        {
            var inTarget = state.Cursor?.StartsWith(InTarget, StringComparison.Ordinal) ?? false;
            var cursor = state.Cursor is { Length: > 1 } given ? given[1..] : null;
            var (keys, more) = await List(inTarget, cursor, options.PageSize, cancellation);
            var next = more is not null ? (inTarget ? InTarget : InSource) + more : bothStores && !inTarget ? InTarget : null;
            state = state with { Cursor = next, Keys = state.Keys + keys.Count };
            await page(state, keys);
            if (next is null)
            {
                return;
            }
        }
    }
}

/// <summary>How far a verification is, and what it has found: <c>left.missing.different:cursor</c>.</summary>
internal static class VerifyCursor
{
    public static MoveState Write(MoveState state, MoveVerification found) => state.Cursor is null
        ? state
        : state with { Cursor = FormattableString.Invariant($"{found.Left}.{found.Missing}.{found.Different}:{state.Cursor}") };

    /// <summary>From the start where the state is at its start.</summary>
    public static (MoveVerification Found, MoveState From) Read(MoveState state)
    {
        if (state.Cursor?.Split(':', 2) is not [var counts, var cursor])
        {
            return (new MoveVerification(0, 0, 0, 0), state with { Cursor = null, Keys = 0 });
        }

        var each = counts.Split('.').Select(count => long.Parse(count, System.Globalization.CultureInfo.InvariantCulture)).ToArray();
        return (new MoveVerification(state.Keys, each[0], each[1], each[2]), state with { Cursor = cursor });
    }
}
