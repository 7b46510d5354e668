using Fury.Deployments.Contracts;

namespace Fury.Cli.Quickstart;

/// <summary>One thing that has happened.</summary>
/// <param name="Phase">When it is news of a deployment.</param>
internal sealed record StoryLine(TimeSpan At, string Text, DeploymentPhase? Phase);

/// <summary>What has happened so far, for whoever shows it.</summary>
internal sealed class StoryLog(TimeProvider clock, Action<StoryLine>? told = null)
{
    private readonly long _began = clock.GetTimestamp();
    private readonly Lock _lock = new();
    private readonly List<StoryLine> _lines = [];

    public TimeSpan Elapsed => clock.GetElapsedTime(_began);

    public void Add(string text, DeploymentPhase? phase = null)
    {
        var line = new StoryLine(Elapsed, text, phase);
        lock (_lock)
        {
            _lines.Add(line);
            told?.Invoke(line);
        }
    }

    public IReadOnlyList<StoryLine> Last(int count)
    {
        lock (_lock)
        {
            return [.. _lines.TakeLast(count)];
        }
    }
}
