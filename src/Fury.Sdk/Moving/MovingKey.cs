namespace Fury.Sdk.Moving;

/// <summary>What one of the two stores has under a key.</summary>
internal interface IMovingRecord
{
    KeySeen Seen { get; }

    /// <summary>The provider's; null where nothing is.</summary>
    string? Revision { get; }
}

/// <summary>What was seen of a key in both.</summary>
internal class MovingKey<TRecord>
    where TRecord : struct, IMovingRecord
{
    public TRecord? Source { get; set; }

    public TRecord? Target { get; set; }

    /// <summary>After the target was looked at, the source was as before.</summary>
    public bool IsConfirmed { get; private set; }

    public KeyView Seen => new(Source?.Seen, Target?.Seen, IsConfirmed);

    public void Forget() => (Source, Target, IsConfirmed) = (null, null, false);

    /// <summary>What the source was found to be now: what was seen of the target before counts only if it is as it was.</summary>
    public void Found(TRecord source)
    {
        IsConfirmed = Target is not null && Source is { } before && before.Revision == source.Revision && before.Seen == source.Seen;
        (Source, Target) = (source, IsConfirmed ? Target : null);
    }
}

internal sealed class MovingKey : MovingKey<MovingRecord>;

internal sealed class MovingObjectKey : MovingKey<ObjectRecord>;
