using Fury.Sdk.Drivers;
using Fury.Sdk.KeyValue;

namespace Fury.Sdk.Moving;

/// <summary>One of the two stores of a move: what is read is read anew, what is written compares, and nothing is given to the provider to expire.</summary>
internal sealed class MovingStore(IKeyValueDriver driver)
{
    public IKeyValueDriver Driver { get; } = driver;

    public ValueTask<MovingRecord> Look(KvKey key, CancellationToken cancellation) => Ask(
        async store => MovingRecord.Of(await store.GetAsync(key, ReadConsistency.Strong, cancellation)), isWrite: false, cancellation);

    /// <summary>Null when something else is there than was seen.</summary>
    /// <param name="isWrite">It is what the application asked for, and not a step on the way there: only then its outcome may be unknown.</param>
    public ValueTask<MovingRecord?> Swap(KvKey key, MovingRecord seen, ReadOnlyMemory<byte> bytes, bool isWrite, CancellationToken cancellation) => Ask(
        async store => await store.WriteAsync(new KvStep(KvStepKind.Put, key, bytes, seen.Guard, null), cancellation) is { Applied: true } written
            ? MovingRecord.Of(bytes, written.Revision!)
            : (MovingRecord?)null,
        isWrite,
        cancellation);

    /// <summary>A call whose errors are those of this store.</summary>
    public ValueTask<T> Ask<T>(Func<IKeyValueDriver, ValueTask<T>> call, bool isWrite, CancellationToken cancellation) =>
        Driver.Ask(call, isWrite, cancellation);
}

/// <summary>The two stores, and the steps from one to the other.</summary>
internal sealed class MovingPair(MovingStore source, MovingStore target)
{
    public MovingStore Source { get; } = source;

    public MovingStore Target { get; } = target;

    /// <summary>One move that looks or hands over. False: something else was there than was seen, and nothing is known of the key any more.</summary>
    public async ValueTask<bool> Do(HandOffMove move, KvKey key, MovingKey at, CancellationToken cancellation)
    {
        var (source, target) = (at.Source.GetValueOrDefault(), at.Target.GetValueOrDefault());
        switch (move)
        {
            case HandOffMove.LookAtSource:
                at.Found(await Source.Look(key, cancellation));
                return true;
            case HandOffMove.LookAtTarget:
                at.Target = await Target.Look(key, cancellation);
                return true;
            case HandOffMove.CopyToTarget or HandOffMove.FreezeTarget:
                var put = move == HandOffMove.CopyToTarget ? source.Bytes : target.Freeze(source.Seen.Version);
                at.Target = await Target.Swap(key, target, put, isWrite: false, cancellation);
                break;
            case HandOffMove.MarkSource or HandOffMove.RestoreSource:
                var left = move == HandOffMove.MarkSource ? source.Mark() : target.Thaw();
                at.Source = await Source.Swap(key, source, left, isWrite: false, cancellation);
                break;
            default:
                throw new FuryException(FuryErrorCode.Internal, $"{move} is no step of a hand-off.");
        }

        if (at is { Source: not null, Target: not null })
        {
            return true;
        }

        at.Forget();
        return false;
    }
}
