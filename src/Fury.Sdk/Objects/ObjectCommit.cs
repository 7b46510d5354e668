using Fury.Sdk.Drivers;

namespace Fury.Sdk.Objects;

/// <summary>What a write of an object wants; its id is the same in all attempts.</summary>
internal sealed record ObjectWish(string Key, string WriteId, WriteCondition Condition, long Fence)
{
    /// <summary>Whether its outcome can be told after a lost answer, or does not matter.</summary>
    public bool IsPlain => Condition.Rule == WriteRule.None && Fence == 0;
}

/// <summary>One attempt of making bytes an object, under its condition and fence.</summary>
internal static class ObjectCommit
{
    private const int RoundsMax = 16;

    /// <param name="put">Asks the driver, with the condition that it can check.</param>
    public static async ValueTask<ObjectProperties> Run(
        IObjectDriver driver, Call call, ObjectWish wish, Func<WriteCondition, CancellationToken, ValueTask<ObjectPut>> put, TimeProvider clock,
        CancellationToken cancellation)
    {
        var look = wish.Fence != 0 || wish.Condition.Rule == WriteRule.IfPresent || call.MayHaveWritten;
        for (var round = 1; ; round++)
        {
            var condition = wish.Condition;
            if (look)
            {
                var there = await driver.HeadAsync(wish.Key, cancellation);
                if (there is not null && ObjectEnvelope.WriteOf(there) == wish.WriteId)
                {
                    return Opened(there, wish, clock);
                }

                if (Refuse(wish, there, clock) is { } refusal)
                {
                    throw refusal;
                }

                condition = wish.IsPlain ? default : there is null ? WriteCondition.IfAbsent : WriteCondition.IfMatch(there.ETag);
            }

            if (await put(condition, cancellation) is { Applied: true, Properties: { } written })
            {
                return Opened(written, wish, clock);
            }

            if (round == RoundsMax)
            {
                throw Failure.Contended($"The object '{wish.Key}'", round);
            }

            look = true;
        }
    }

    /// <summary>Why it must not be written over what is there; null when it may.</summary>
    public static FuryException? Refuse(ObjectWish wish, ObjectProperties? there, TimeProvider clock)
    {
        var live = ObjectEnvelope.Open(there, wish.Key, clock.GetUtcNow());
        var holds = wish.Condition.Rule switch
        {
            WriteRule.IfAbsent => live is null,
            WriteRule.IfPresent => live is not null,
            WriteRule.IfMatch => live?.ETag == wish.Condition.Match,
            _ => true,
        };
        return !holds ? Failure.Condition(wish.Condition, live?.ETag)
            : wish.Fence != 0 && ObjectEnvelope.FenceOf(there) > wish.Fence ? Failure.Fenced(wish.Fence, ObjectEnvelope.FenceOf(there))
            : null;
    }

    private static ObjectProperties Opened(ObjectProperties written, ObjectWish wish, TimeProvider clock) =>
        ObjectEnvelope.Open(written, wish.Key, clock.GetUtcNow())
        ?? throw new FuryException(FuryErrorCode.Aborted, "The object's time to live was over before it was written.");
}
