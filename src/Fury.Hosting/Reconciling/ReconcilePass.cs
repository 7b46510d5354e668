namespace Fury.Hosting;

/// <summary>What is known of a reconciler on this host.</summary>
/// <param name="Name">The reconciler's.</param>
/// <param name="Here">False while another host holds its lease.</param>
/// <param name="BeganAt">The last pass on this host; null before the first.</param>
/// <param name="Took">How long the last pass was; null while the first is under way.</param>
/// <param name="Error">Why the last pass failed; null when it did not.</param>
/// <param name="FailuresInRow">Failed passes since the last good one.</param>
public sealed record ReconcilePass(string Name, bool Here, DateTimeOffset? BeganAt, TimeSpan? Took, string? Error, int FailuresInRow);

/// <summary>The last pass of every reconciler of this host.</summary>
public interface IReconcilePasses
{
    /// <summary>In the order of names.</summary>
    IReadOnlyList<ReconcilePass> Last { get; }
}
