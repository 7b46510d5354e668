using Fury.Deployments.Contracts;
using Fury.Deployments.Driving;
using Fury.Deployments.Gates;
using Fury.Deployments.Planning;
using Fury.Kernel;

namespace Fury.Deployments.Deployments;

/// <summary>Says what a deployment would do now. Nothing is admitted, and nothing is asked of the world.</summary>
internal sealed class PlanDesk(DeploymentDesk desk, World world, IGates gates, TimeProvider clock)
{
    public async Task<Outcome<PlanForecast>> Forecast(ScopeRef scope, DeploymentRequest request, CancellationToken cancellation)
    {
        var asked = await desk.Check(scope, request, key: null, cancellation);
        if (!asked.IsOk)
        {
            return asked.Fault;
        }

        var wish = asked.Value;
        var situation = await world.Situation(scope, wish.To, wish.Route, PoolId.New(clock), cancellation);
        if (situation.IsOk)
        {
            situation = await world.WithTraffic(scope, situation.Value, cancellation);
        }

        var planned = situation.Then(now => Planner.Of(wish.Strategy, wish.Policy, wish.Route, now));
        if (!planned.IsOk)
        {
            return planned.Fault;
        }

        var (plan, policy) = (planned.Value, wish.Policy);
        var traffic = situation.Value.Traffic!;
        var steps = Forecasts.Steps(plan, policy, traffic);
        return new PlanForecast(
            scope,
            wish.Strategy,
            wish.Version,
            wish.To,
            Math.Round(traffic.RequestsPerSecond, 2),
            steps,
            Forecasts.Total(policy, steps, plan.Lanes.Any(lane => lane is { Candidate: not null, Current: not null })),
            [
                .. from lane in plan.Lanes
                   where lane.Candidate is not null
                   select new Reservation($"{lane.Candidate!.Location}", lane.Candidate.Replicas, situation.Value.Release.Size),
            ],
            [.. Forecasts.Powerless(plan, policy, steps, traffic), .. await Frozen(scope, situation.Value, plan, steps, policy, cancellation)]);
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
}
