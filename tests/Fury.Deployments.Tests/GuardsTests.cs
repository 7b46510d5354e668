using Fury.Deployments.Contracts;
using Fury.Deployments.Judging;
using Fury.Deployments.Planning;
using Fury.Kernel;
using Fury.Mesh.Contracts;

namespace Fury.Deployments.Tests;

public sealed class GuardsTests
{
    private static readonly Policy Limits = Policies.DefaultOf(Strategy.BlueGreen);

    [Theory]
    // No data is never a pass.
    [InlineData(0, 0, true, "Insufficient")]
    [InlineData(19, 0, true, "Insufficient")]
    [InlineData(20, 0, true, "Pass")]
    // Five per cent are allowed, and not more.
    [InlineData(20, 1, true, "Pass")]
    [InlineData(20, 2, true, "Fail")]
    [InlineData(100, 5, true, "Pass")]
    [InlineData(100, 6, true, "Fail")]
    // Before the window is over: fewer than five errors convict nobody, five above the share do.
    [InlineData(4, 4, false, "Insufficient")]
    [InlineData(5, 5, false, "Fail")]
    [InlineData(40, 4, false, "Pass")]
    [InlineData(40, 5, false, "Fail")]
    [InlineData(100, 5, false, "Pass")]
    // Errors without enough requests: not a pass, and at the end not a conviction either.
    [InlineData(4, 4, true, "Insufficient")]
    public void Error_rate_vectors(long requests, long errors, bool windowOver, string expected) =>
        Assert.Equal(expected, VerdictOf(requests, errors, windowOver: windowOver).Kind.ToString());

    [Theory]
    [InlineData(0, 0, false, "Fail")]
    [InlineData(1, 0, true, "Unready")]
    [InlineData(2, 2, true, "Pass")]
    [InlineData(2, 3, false, "Fail")]
    public void Health_vectors(int ready, int restarts, bool windowOver, string expected) =>
        Assert.Equal(expected, VerdictOf(100, 0, ready, restarts, windowOver).Kind.ToString());

    [Fact]
    public void A_problem_that_never_passes_fails_and_one_that_may_pass_does_not()
    {
        Assert.Equal(GuardVerdictKind.Fail, Guards.Of(Limits, new GuardEvidence(new(100, 0), 2, 2, 0, Fault.Invalid("no")), false).Kind);
        Assert.Equal(GuardVerdictKind.Pass, Guards.Of(Limits, new GuardEvidence(new(100, 0), 2, 2, 0, Fault.Unavailable("later")), false).Kind);
    }

    [Fact]
    public void Evidence_is_the_difference_of_counters_and_counts_failures_as_errors()
    {
        var traffic = PoolTraffic.None(default) with { Requests = 50, Errors = 3, Failures = 4 };

        Assert.Equal(new Counts(40, 5), Counts.Of(traffic).Since(new Counts(10, 2)));
    }

    private static GuardVerdict VerdictOf(long requests, long errors, int ready = 2, int restarts = 0, bool windowOver = true) =>
        Guards.Of(Limits, new GuardEvidence(new Counts(requests, errors), ready, 2, restarts, null), windowOver);
}
