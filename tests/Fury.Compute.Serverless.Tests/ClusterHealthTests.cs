using Fury.Compute.Serverless.Clusters;

namespace Fury.Compute.Serverless.Tests;

/// <summary>When a cluster is believed to be ill, and when to be dead.</summary>
public sealed class ClusterHealthTests
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(5);

    private DateTimeOffset _now = Given.Now;
    private ClusterHealth _health = ClusterHealth.New(Given.Now);

    [Fact]
    public void A_new_cluster_proves_itself_first()
    {
        Look(10, lease: true, probes: "++", data: null);
        Assert.Equal(HealthPhase.Suspect, _health.Phase);

        Look(10, lease: true, probes: "++", data: null);
        Assert.Equal(HealthPhase.Healthy, _health.Phase);
    }

    [Theory]
    [InlineData(true, "++", 0.0, nameof(HealthPhase.Healthy))]
    [InlineData(true, "++", null, nameof(HealthPhase.Healthy))]
    [InlineData(true, "", 0.0, nameof(HealthPhase.Healthy))]
    [InlineData(true, "+-", 0.0, nameof(HealthPhase.Healthy))]
    [InlineData(true, "--", 0.0, nameof(HealthPhase.Suspect))] // The lease says one thing and the probes another.
    [InlineData(false, "++", 0.0, nameof(HealthPhase.Suspect))]
    [InlineData(false, "", 1.0, nameof(HealthPhase.Suspect))] // Nobody looked: that the lease is lost is no proof.
    [InlineData(false, "-", null, nameof(HealthPhase.Suspect))] // One place cannot condemn it.
    [InlineData(false, "-", 1.0, nameof(HealthPhase.Dead))] // Requests are sent from elsewhere, so that they are the second.
    [InlineData(false, "-", 0.0, nameof(HealthPhase.Frozen))]
    [InlineData(false, "-", 0.3, nameof(HealthPhase.Suspect))]
    [InlineData(true, "++", 1.0, nameof(HealthPhase.Suspect))]
    [InlineData(true, "++", 0.3, nameof(HealthPhase.Healthy))]
    [InlineData(false, "--", 0.0, nameof(HealthPhase.Frozen))]
    [InlineData(false, "--", 0.3, nameof(HealthPhase.Suspect))]
    [InlineData(false, "--", 1.0, nameof(HealthPhase.Dead))]
    [InlineData(false, "--", null, nameof(HealthPhase.Suspect))]
    public void After_two_minutes_of_the_same_evidence(bool lease, string probes, double? failing, string expected)
    {
        BecomeHealthy();

        Look(120, lease, probes, failing);

        Assert.Equal(expected, _health.Phase.ToString());
    }

    [Fact]
    public void It_is_not_dead_before_its_time_and_one_good_sign_begins_the_time_anew()
    {
        BecomeHealthy();

        Look(55, lease: false, probes: "--", data: 1);
        Assert.Equal(HealthPhase.Suspect, _health.Phase);

        Look(5, lease: false, probes: "-+", data: 1);
        Look(55, lease: false, probes: "--", data: 1);
        Assert.Equal(HealthPhase.Suspect, _health.Phase);

        Look(15, lease: false, probes: "--", data: 1);
        Assert.Equal(HealthPhase.Dead, _health.Phase);
    }

    [Fact]
    public void Without_requests_that_could_tell_it_takes_ten_minutes()
    {
        BecomeHealthy();

        Look(595, lease: false, probes: "--", data: null);
        Assert.Equal(HealthPhase.Suspect, _health.Phase);

        Look(15, lease: false, probes: "--", data: null);
        Assert.Equal(HealthPhase.Dead, _health.Phase);
    }

    [Fact]
    public void A_frozen_cluster_stays_frozen_when_its_requests_grow_few_and_thaws_by_itself()
    {
        BecomeHealthy();
        Look(30, lease: false, probes: "--", data: 0);

        Look(300, lease: false, probes: "--", data: null);
        Assert.Equal(HealthPhase.Frozen, _health.Phase);

        Look(60, lease: true, probes: "++", data: 0);
        Assert.Equal(HealthPhase.Healthy, _health.Phase);
    }

    [Fact]
    public void The_dead_stay_dead_until_they_answer()
    {
        BecomeHealthy();
        Look(120, lease: false, probes: "--", data: 1);

        Look(60, lease: false, probes: "", data: null);
        Assert.Equal(HealthPhase.Dead, _health.Phase);

        Look(5, lease: true, probes: "++", data: null);
        Assert.Equal(HealthPhase.Suspect, _health.Phase);
    }

    [Fact]
    public void One_that_flaps_is_trusted_later_each_time_and_is_forgiven_with_time()
    {
        BecomeHealthy();
        List<double> waits = [];
        for (var fall = 0; fall < 5; fall++)
        {
            Look(5, lease: true, probes: "--", data: null);
            waits.Add(SecondsToRecover());
        }

        Assert.True(waits.Zip(waits.Skip(1)).All(one => one.Second > one.First) && waits[^1] > waits[0] * 4, string.Join(", ", waits));
        Assert.True(ClusterHealth.RecoverAfterMax > _health.RecoveryTime(_now));

        Look(4 * 3600, lease: true, probes: "++", data: null);
        Look(5, lease: true, probes: "--", data: null);
        Assert.InRange(SecondsToRecover(), 0, 40);
    }

    [Fact]
    public void The_penalty_has_a_bound() =>
        Assert.Equal(ClusterHealth.RecoverAfterMax, (_health with { Penalty = 1e9, PenaltyAt = _now }).RecoveryTime(_now));

    [Fact]
    public void The_newest_trouble_is_told_and_decides_nothing()
    {
        BecomeHealthy();
        HealthEvidence Seen(DateTimeOffset? lease) => new(
            lease, [new("old", _now - Tick, true, "It was slow."), new("new", _now, true, "It lets nobody list pods."), new("well", _now, true)], null);

        var (heard, unheard) = (_health.Next(Seen(_now), _now), _health.Next(Seen(null), _now));

        Assert.Equal((HealthPhase.Healthy, "It answers. It lets nobody list pods."), (heard.Phase, heard.Why));
        Assert.Equal(HealthPhase.Suspect, unheard.Phase);
        Assert.Equal("It is not known whether its control plane answers. It lets nobody list pods.", unheard.Why);
    }

    private void BecomeHealthy()
    {
        Look(30, lease: true, probes: "++", data: 0);
        Assert.Equal(HealthPhase.Healthy, _health.Phase);
    }

    private double SecondsToRecover()
    {
        var begun = _now;
        while (_health.Phase != HealthPhase.Healthy)
        {
            Look(5, lease: true, probes: "++", data: null);
        }

        return (_now - begun).TotalSeconds;
    }

    /// <param name="probes">A sign for each place that looks: + when it had an answer.</param>
    /// <param name="data">The share of requests that fail; null when there are none.</param>
    private void Look(int seconds, bool lease, string probes, double? data)
    {
        for (var until = _now.AddSeconds(seconds); _now < until;)
        {
            _now += Tick;
            _health = _health.Next(
                new(
                    lease ? _now : _now - ClusterHealth.LeaseMax - Tick,
                    [.. probes.Index().Select(probe => new Probe($"place-{probe.Index}", _now, probe.Item == '+'))],
                    data is { } failing ? new(_now, 1000, (long)(failing * 1000)) : null),
                _now);
        }
    }
}
