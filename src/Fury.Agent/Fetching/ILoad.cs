using Fury.Kernel;

namespace Fury.Agent;

/// <summary>What is started, once it is here and is what it should be.</summary>
/// <param name="Words">The program and its arguments.</param>
/// <param name="Folder">Where it begins.</param>
/// <param name="Environment">What the artifact itself sets; the configuration wins.</param>
internal sealed record Startable(IReadOnlyList<string> Words, string Folder, IReadOnlyDictionary<string, string> Environment)
{
    /// <summary>Nothing of the machine's own environment means anything to it, but for where its programs are.</summary>
    public bool IsAlone { get; init; }
}

/// <summary>
/// One kind of artifact on its way here. <see cref="FaultKind.Unavailable"/> and <see cref="FaultKind.Throttled"/> may be asked again, and what came so far
/// is not fetched twice; any other fault is final.
/// </summary>
internal interface ILoad
{
    Task<Outcome> Fetch(CancellationToken cancellation);

    /// <summary>Compares what was fetched with its digest and lays it out. Nothing is started that this did not return.</summary>
    Task<Outcome<Startable>> Verify(CancellationToken cancellation);
}

/// <summary>How much one artifact may take.</summary>
/// <param name="BytesMax">As fetched, and as laid out.</param>
/// <param name="EntriesMax">Files, folders and links together.</param>
/// <param name="Patience">For all of one attempt.</param>
/// <param name="Silence">Without a byte, after which the attempt is given up.</param>
internal sealed record LoadLimits(long BytesMax, int EntriesMax, TimeSpan Patience, TimeSpan Silence)
{
    public static LoadLimits Default { get; } = new(8L << 30, 500_000, TimeSpan.FromMinutes(30), TimeSpan.FromSeconds(30));
}
