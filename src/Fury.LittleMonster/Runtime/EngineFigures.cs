namespace Fury.LittleMonster;

/// <summary>How an engine stands, for metrics; measured in the loop about once a second.</summary>
/// <param name="ByState">Live sagas by state.</param>
/// <param name="Ready">Steps that may run and wait for room or for their target.</param>
/// <param name="OldestReady">How long the oldest of them has waited.</param>
internal sealed record EngineFigures(
    IReadOnlyDictionary<SagaState, int> ByState, int Ready, TimeSpan OldestReady, int Running, int Shards, int InboxTaken)
{
    public static EngineFigures None { get; } = new(new Dictionary<SagaState, int>(), 0, TimeSpan.Zero, 0, 0, 0);
}

internal sealed partial class Engine
{
    /// <summary>Counting a million sagas each second would be work of its own: beyond this many, states are counted every tenth time.</summary>
    private const int CountedAlwaysMax = 50_000;

    private int _measured;

    public EngineFigures Figures { get; private set; } = EngineFigures.None;

    private void Measure()
    {
        var waiting = _ready.UnorderedItems.Concat(_limits.All.SelectMany(limit => limit.Parked.UnorderedItems)).ToArray();
        var count = _live.Count <= CountedAlwaysMax || _measured++ % 10 == 0;
        Figures = new EngineFigures(
            count ? _live.Values.GroupBy(live => Shown(live).State).ToDictionary(group => group.Key, group => group.Count()) : Figures.ByState,
            waiting.Length,
            waiting.Length == 0 ? TimeSpan.Zero : Now - waiting.Min(turn => turn.Element.ReadyAt),
            _running,
            _owned.Count,
            _taken.Count);
    }
}
