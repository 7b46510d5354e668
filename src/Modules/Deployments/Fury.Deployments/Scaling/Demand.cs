using System.Collections.Immutable;

namespace Fury.Deployments.Scaling;

/// <summary>The most requests that were in flight lately. Replaced whole.</summary>
internal sealed record Demand
{
    /// <summary>How long a peak counts: capacity comes at once, and goes only when it was not needed for so long.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(5);

    public static Demand None { get; } = new();

    /// <summary>
    /// Falling with time, since a later peak that is as high makes an earlier one needless; one a second, so no more than the window has seconds.
    /// </summary>
    private ImmutableList<(DateTimeOffset At, int InFlight)> Peaks { get; init; } = [];

    /// <summary>With what is in flight at <paramref name="now"/>; times do not go back.</summary>
    public Demand With(DateTimeOffset now, int inFlight)
    {
        var peaks = Peaks.RemoveAll(peak => peak.At + Window <= now || peak.InFlight <= inFlight);
        var isWithinASecond = peaks is [.., var last] && now - last.At < TimeSpan.FromSeconds(1);
        return new() { Peaks = inFlight == 0 || isWithinASecond ? peaks : peaks.Add((now, inFlight)) };
    }

    public int Most(DateTimeOffset now) => Peaks.FirstOrDefault(peak => peak.At + Window > now).InFlight;
}
