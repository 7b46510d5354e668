namespace Fury.ClusterApi.Kubernetes.Wire;

/// <summary>
/// How many requests may be under way at once, found by trying: one more each time that all of them came back well (additive increase), and a
/// share fewer when the server refuses or slows down (multiplicative decrease). No fixed rate is right: an API server's priority levels share
/// what there is, and only its answers tell how much that is now. Pure; times are given.
/// </summary>
/// <param name="Limit">With its fraction.</param>
/// <param name="Usual">How long an answer usually takes; zero before the first.</param>
/// <param name="CutAt">When it was last cut.</param>
internal sealed record AdaptiveLimit(double Limit, TimeSpan Usual, DateTimeOffset CutAt)
{
    public const int Min = 1;
    public const int Max = 64;
    public const int First = 8;

    private const double RefusedShare = 0.6;
    private const double SlowShare = 0.9;

    /// <summary>An answer that takes so many times as long as usual, and is slow in itself, means that requests queue in the server.</summary>
    private const double SlowTimes = 5;

    /// <summary>Of a new answer in what is usual: slow, so that a server that slows down is not soon "usual".</summary>
    private const double NewShare = 0.02;

    private static readonly TimeSpan SlowMin = TimeSpan.FromSeconds(1);

    /// <summary>Refusals come in bursts; a burst is one sign.</summary>
    private static readonly TimeSpan CutGap = TimeSpan.FromMilliseconds(500);

    public static AdaptiveLimit Start { get; } = new(First, TimeSpan.Zero, DateTimeOffset.MinValue);

    public int Whole => (int)Limit;

    public AdaptiveLimit Answered(TimeSpan took, DateTimeOffset now)
    {
        var usual = Usual == TimeSpan.Zero ? took : (Usual * (1 - NewShare)) + (took * NewShare);
        var slow = Usual > TimeSpan.Zero && took > SlowMin && took > Usual * SlowTimes;
        return slow ? Cut(SlowShare, now) with { Usual = usual } : this with { Limit = Math.Min(Max, Limit + (1 / Limit)), Usual = usual };
    }

    public AdaptiveLimit Refused(DateTimeOffset now) => Cut(RefusedShare, now);

    private AdaptiveLimit Cut(double share, DateTimeOffset now) =>
        now - CutAt < CutGap ? this : this with { Limit = Math.Max(Min, Limit * share), CutAt = now };
}
