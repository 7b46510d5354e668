using Fury.Deployments.Contracts;
using Fury.Deployments.Driving;
using Fury.Deployments.Gates;
using Fury.Deployments.Judging;
using Fury.Deployments.Planning;
using Fury.Kernel;

namespace Fury.Deployments.Deployments;

/// <summary>Says what a deployment would do now. Nothing is admitted, and nothing is asked of the world.</summary>
internal sealed class PlanDesk(DeploymentDesk desk, World world, EvidenceStore evidence, IGates gates, TimeProvider clock)
{
    /// <summary>How long requests are counted to know how many there are; proxies report about twice a second.</summary>
    private static readonly TimeSpan CountedFor = TimeSpan.FromSeconds(3);

    public async Task<Outcome<PlanForecast>> Forecast(ScopeRef scope, DeploymentRequest request, CancellationToken cancellation)
    {
        var asked = await desk.Check(scope, request, key: null, cancellation);
        if (!asked.IsOk)
        {
            return asked.Fault;
        }

        var wish = asked.Value;
        var situation = await world.Situation(scope, wish.To, wish.Route, PoolId.New(clock), cancellation);
        var planned = situation.Then(now => Planner.Of(wish.Strategy, wish.Policy, wish.Route, now));
        if (!planned.IsOk)
        {
            return planned.Fault;
        }

        var (plan, policy) = (planned.Value, wish.Policy);
        var weather = await Weather(scope, situation.Value, cancellation);
        var steps = Forecasts.Steps(plan, policy, weather);
        return new PlanForecast(
            scope,
            wish.Strategy,
            wish.Version,
            wish.To,
            Math.Round(weather.RequestsPerSecond, 2),
            steps,
            Forecasts.Total(policy, steps, plan.Lanes.Any(lane => lane is { Candidate: not null, Current: not null })),
            [
                .. from lane in plan.Lanes
                   where lane.Candidate is not null
                   select new Reservation($"{lane.Candidate!.Location}", lane.Candidate.Replicas, situation.Value.Release.Size),
            ],
            [.. Forecasts.Powerless(plan, policy, steps, weather), .. await Frozen(scope, situation.Value, plan, steps, policy, cancellation)]);
    }

    /// <summary>The first freeze that it would meet on its way.</summary>
    private async Task<IEnumerable<string>> Frozen(
        ScopeRef scope, Situation situation, Plan plan, IReadOnlyList<StepForecast> steps, Policy policy, CancellationToken cancellation)
    {
        var (now, seconds) = (clock.GetUtcNow(), steps.Sum(step => step.ExpectedSeconds ?? step.Step.DeadlineSeconds) + policy.BakeSeconds);
        var subject = new Subject(scope, situation.Team, situation.Criticality, [.. plan.Lanes.Select(lane => lane.Either.Location).Distinct()]);
        var until = now + TimeSpan.FromSeconds(seconds);
        return await gates.NextFreeze(subject, now, until, cancellation) is (var why, var at) ? [$"It meets a freeze at {at:u}. {why}"] : [];
    }

    /// <summary>How clumped the scope's errors were in its last deployment.</summary>
    private async Task<double> Dispersion(ScopeRef scope, CancellationToken cancellation) =>
        (await evidence.Last([scope], cancellation)).Select(snapshot => Judgement.Of(snapshot.State).Dispersions())
            .FirstOrDefault()?.GetValueOrDefault(Metric.Errors, 1) ?? 1;

    private async Task<Weather> Weather(ScopeRef scope, Situation situation, CancellationToken cancellation)
    {
        PoolId[] pools = [.. situation.Current.Select(one => one.Pool.Id)];
        if (pools is [])
        {
            return new(0, 0, 1);
        }

        var (before, began) = (await world.Tables.Traffic(pools, cancellation), clock.GetTimestamp());
        await Task.Delay(CountedFor, clock, cancellation);
        var (after, seconds) = (await world.Tables.Traffic(pools, cancellation), clock.GetElapsedTime(began).TotalSeconds);
        var requests = after.Sum(pool => pool.Requests) - before.Sum(pool => pool.Requests);
        // Errors are few: what the pools have met in all their life says more of them than three seconds.
        var (all, bad) = (after.Sum(pool => pool.Requests), after.Sum(pool => pool.Errors + pool.Failures));
        return new(requests / seconds, all == 0 ? 0 : (double)bad / all, await Dispersion(scope, cancellation));
    }
}
