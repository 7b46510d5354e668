using Fury.Sdk.Bindings;
using Fury.Sdk.Drivers;
using Fury.Sdk.KeyValue;
using Fury.Sdk.Objects;

namespace Fury.Sdk.Moving;

/// <summary>
/// Two buckets as one, while objects move from the source to the target. Each is handed over as a key of a key-value store is, and streamed. An object has
/// the ETag that it had before until it is written again.
/// </summary>
internal sealed partial class MovingObjects(MovePhase phase, string move, IObjectDriver source, IObjectDriver target, TimeProvider clock) : IObjectDriver
{
    private readonly ObjectPair _pair = new(move, source, target, clock);

    public string Provider => phase == MovePhase.Settling ? target.Provider : source.Provider;

    /// <summary>What both can do; but an address that others have would go on to name the bucket that an object has left.</summary>
    public CapabilitySet Declared { get; } = Sides.Both(source, target).Without(ObjectCapabilities.AccessUrl);

    public bool EndsAtOnce => source.EndsAtOnce && target.EndsAtOnce;

    public ValueTask ProbeAsync(CancellationToken cancellation) => Sides.Probe(source, target, cancellation);

    public async ValueTask DisposeAsync()
    {
        await source.DisposeAsync();
        await target.DisposeAsync();
    }

    public async ValueTask<ObjectProperties?> HeadAsync(string key, CancellationToken cancellation)
    {
        var at = new MovingObjectKey();
        return Acted(await Find(HandOffAim.Read, key, at, cancellation), at) is { HasValue: true } there ? Shown(there) : null;
    }

    public async ValueTask<DriverObject?> OpenAsync(string key, long offset, long? length, CancellationToken cancellation)
    {
        var at = new MovingObjectKey();
        while (true)
        {
            // Opened where it may be, as it may have gone on between a look and an open.
            var looks = HandOff.Next(phase, HandOffAim.Read, at.Seen);
            var opened = await SideOf(looks).Ask(each => each.OpenAsync(key, offset, length, cancellation), isWrite: false, cancellation);
            var there = ObjectRecord.Of(opened?.Properties);
            if (looks == HandOffMove.LookAtSource)
            {
                at.Source = there;
            }
            else
            {
                at.Target = there;
            }

            if (HandOff.Next(phase, HandOffAim.Read, at.Seen) is HandOffMove.ActOnSource or HandOffMove.ActOnTarget && there.HasValue)
            {
                return opened! with { Properties = Shown(there) };
            }

            if (opened is not null)
            {
                await opened.DisposeAsync();
            }

            if (HandOff.Next(phase, HandOffAim.Read, at.Seen) is not HandOffMove.LookAtTarget)
            {
                return null;
            }
        }
    }

    public ValueTask<ObjectPut> PutAsync(
        string key, ReadOnlyMemory<byte> body, ObjectHeaders headers, ReadOnlyMemory<byte> sha256, WriteCondition condition, CancellationToken cancellation) =>
        Write(
            key,
            condition,
            (bucket, over) => bucket.Ask(
                each => each.PutAsync(key, body, Kept(headers), sha256, over, cancellation), isWrite: true, cancellation),
            cancellation);

    public async ValueTask<bool?> DeleteAsync(string key, WriteCondition condition, CancellationToken cancellation)
    {
        var at = new MovingObjectKey();
        for (var round = 1; ; round++)
        {
            var step = await Find(HandOffAim.Write, key, at, cancellation);
            var there = Acted(step, at);
            if (!Allows(condition, there) || !there.HasValue)
            {
                return condition.Rule == WriteRule.IfMatch ? null : false;
            }

            var headers = ObjectRecord.NothingHeaders(ObjectEnvelope.Deleted, Guid.CreateVersion7(clock.GetUtcNow()));
            if (await ObjectPair.PutNothing(SideOf(step), key, headers, there, isWrite: true, cancellation) is not null)
            {
                return ObjectEnvelope.Open(there.Stored, key, clock.GetUtcNow()) is not null;
            }

            Lost(round);
            at.Forget();
        }
    }

    /// <summary>Through this process: the two keys may be with two providers.</summary>
    public async ValueTask<ObjectPut> CopyAsync(string source, string target, WriteCondition condition, CancellationToken cancellation)
    {
        var isThere = true;
        var copied = await Write(
            target,
            condition,
            async (bucket, over) =>
            {
                await using var opened = await OpenAsync(source, 0, null, cancellation);
                isThere = opened is not null;
                if (opened is null)
                {
                    return new ObjectPut(true, null);
                }

                var from = ObjectRecord.Of(opened.Properties);
                var headers = from.CopiedTo(Guid.CreateVersion7(clock.GetUtcNow()));
                return await ObjectTransfer.Write(this, opened, bucket, target, headers, from.Sha256, over, isWrite: true, clock, cancellation);
            },
            cancellation);
        return isThere ? copied : new ObjectPut(true, null);
    }

    /// <summary>Writes over what is there, wherever the key is to be written, if the condition holds.</summary>
    private async ValueTask<ObjectPut> Write(
        string key, WriteCondition condition, Func<IObjectDriver, WriteCondition, ValueTask<ObjectPut>> write, CancellationToken cancellation)
    {
        var at = new MovingObjectKey();
        for (var round = 1; ; round++)
        {
            var step = await Find(HandOffAim.Write, key, at, cancellation);
            var there = Acted(step, at);
            if (!Allows(condition, there))
            {
                return new ObjectPut(false, null);
            }

            if (await write(SideOf(step), there.Condition) is { Applied: true } put)
            {
                return put.Properties is { } written ? put with { Properties = Shown(ObjectRecord.Of(written)) } : put;
            }

            Lost(round);
            at.Forget();
        }
    }

    /// <summary>Goes on until it can be acted on, by the step that says where.</summary>
    private async ValueTask<HandOffMove> Find(HandOffAim aim, string key, MovingObjectKey at, CancellationToken cancellation)
    {
        for (var lost = 0; ;)
        {
            var step = HandOff.Next(phase, aim, at.Seen);
            if (step is HandOffMove.ActOnSource or HandOffMove.ActOnTarget or HandOffMove.Done)
            {
                return step;
            }

            if (!await _pair.Do(step, key, at, cancellation))
            {
                Lost(++lost);
            }
        }
    }

    private IObjectDriver SideOf(HandOffMove step) => step is HandOffMove.ActOnSource or HandOffMove.LookAtSource ? source : target;

    private static ObjectRecord Acted(HandOffMove step, MovingObjectKey at) => (step == HandOffMove.ActOnSource ? at.Source : at.Target)!.Value;

    private ObjectProperties Shown(ObjectRecord there) => there.Stored! with { ETag = there.Shown(move) };

    /// <summary>Also by its provider's own ETag: those of listings are.</summary>
    private bool Allows(WriteCondition condition, ObjectRecord there) => condition.Rule switch
    {
        WriteRule.IfAbsent => !there.HasValue,
        WriteRule.IfMatch => there.HasValue && (condition.Match == there.Shown(move) || condition.Match == there.Stored!.ETag),
        _ => true,
    };

    /// <summary>Providers drop nothing by themselves that was written while it moves.</summary>
    private static ObjectHeaders Kept(ObjectHeaders headers) => headers with { ExpiresAt = null };

    private static void Lost(int round)
    {
        if (round >= KvWriting.RoundsMax)
        {
            throw Failure.Contended("The object", round);
        }
    }
}
