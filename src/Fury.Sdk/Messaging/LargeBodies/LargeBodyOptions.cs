using Fury.Sdk.Checks;

namespace Fury.Sdk.Messaging;

/// <summary>
/// Where bodies are kept that a queue or topic cannot carry: the message goes without its body, and names an object. Whoever sends and whoever receives
/// name the same bucket; its objects of this kind begin with <c>fury-bodies/</c>.
/// </summary>
/// <param name="Bucket">The name under which the bucket is declared, by <see cref="FuryBuilder.AddObjects"/>.</param>
public sealed record LargeBodyOptions(string Bucket)
{
    /// <summary>1 byte to 1 GiB; bodies are in memory. Those that fit into a message are sent in it.</summary>
    public int BytesMax { get; init; } = 64 << 20;

    /// <summary>
    /// How long a body is kept that nobody has removed: of a topic each of them, of a queue those whose message was not completed. From 1 h to a year;
    /// longer than a message may wait.
    /// </summary>
    public TimeSpan Life { get; init; } = TimeSpan.FromDays(14);

    internal void CheckAll()
    {
        Check.ServiceName(Bucket);
        Check.Between("LargeBodies.BytesMax", BytesMax, 1, 1 << 30);
        Check.Between("LargeBodies.Life", Life, TimeSpan.FromHours(1), TimeSpan.FromDays(366));
    }
}
