using Fury.Access.Contracts;
using Fury.Deployments.Approvals;
using Fury.Deployments.Deployments;
using Fury.Deployments.Pins;
using Fury.Hosting;
using Fury.Kernel;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace Fury.Deployments.Gates;

/// <summary>What the rules say of a scope now, at the place where it runs.</summary>
/// <param name="Frozen">Why a deployment would wait; null when it would not.</param>
/// <param name="Until">When it would not any more; null: not known.</param>
/// <param name="NextFreeze">The first one within 30 days; null for none, and while <paramref name="Frozen"/>.</param>
internal sealed record ScopeGates(string? Frozen, DateTimeOffset? Until, ComingFreeze? NextFreeze, Pin? Pin, Needed Approvals);

internal sealed record ComingFreeze(DateTimeOffset At, string Why);

/// <summary>What the rules say of a scope, and how they came to be so.</summary>
[ApiController]
[Route("api/v1")]
[Tags("Freezes")]
[Produces("application/json")]
internal sealed class GatesController(Subjects subjects, IDeploymentStore store, RuleBook book, RuleWriter record, TimeProvider clock) : ControllerBase
{
    private static readonly TimeSpan LookAhead = TimeSpan.FromDays(30);

    /// <summary>Whether the scope may be deployed to now, and what is coming.</summary>
    [HttpGet("applications/{application}/scopes/{scope}/gates")]
    [Needs(Permission.View)]
    public async Task<ActionResult<ScopeGates>> Of(ApplicationName application, ScopeName scope, CancellationToken cancellation)
    {
        var name = new ScopeRef(application, scope);
        var current = (await store.FindScope(name, cancellation))?.Current ?? [];
        var subject = await subjects.Of(name, [.. current.Select(pool => pool.Location)], cancellation);
        var (rules, now) = (await book.Current(cancellation), clock.GetUtcNow());
        return subject.Then<ScopeGates>(one =>
        {
            var standing = rules.Standing(one, now);
            var next = standing.By is null ? rules.NextFreeze(one, now, now + LookAhead) : null;
            return new ScopeGates(
                standing.By is { } freeze ? Gatekeeper.Why(freeze) : null,
                standing.Until,
                next is var (coming, at) ? new(at, Gatekeeper.Why(coming)) : null,
                rules.Pin(name),
                rules.Approvals.Of(one.Criticality));
        }).Answer();
    }

    /// <summary>Who has changed which rule, and why; newest first.</summary>
    /// <param name="after">The <c>next</c> of the page before.</param>
    /// <param name="limit">1 to 500.</param>
    [HttpGet("rule-changes")]
    [Needs(Permission.View)]
    public async Task<ActionResult<Page<RuleChange>>> Changes([FromQuery] long? after, [FromQuery] int? limit, CancellationToken cancellation)
    {
        var check = new Validation();
        var page = check.Page(null, limit);
        return check.Fault is { } fault
            ? Answers.Problem(fault)
            : Page<RuleChange>.Of(await record.List(after, page.Limit + 1, cancellation), page.Limit, one => $"{one.Revision}");
    }
}
