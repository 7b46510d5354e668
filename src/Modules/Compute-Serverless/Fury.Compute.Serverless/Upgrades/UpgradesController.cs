using Fury.Access.Contracts;
using Fury.Hosting;
using Fury.Kernel;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace Fury.Compute.Serverless.Upgrades;

/// <summary>Control planes of many clusters brought to one version, in waves.</summary>
[ApiController]
[Route("api/v1/upgrades")]
[Tags("Upgrades")]
[Produces("application/json")]
internal sealed class UpgradesController(UpgradeDesk desk) : ControllerBase
{
    /// <summary>Starts an upgrade (201); the same request again returns it (200), another one of its name is a 409.</summary>
    [HttpPost]
    [Needs(Permission.Operate)]
    [Recorded]
    public async Task<ActionResult<UpgradeView>> Start([FromBody] UpgradeRequest request, CancellationToken cancellation) =>
        await desk.Start(request with { By = HttpContext.NameOf(request.By) }, cancellation) switch
        {
            { IsOk: false } refused => Answers.Problem(refused.Fault),
            { Value: { IsNew: true } written } => Created($"/api/v1/upgrades/{written.Upgrade.Id}", UpgradeView.Of(written.Upgrade)),
            var known => UpgradeView.Of(known.Value.Upgrade),
        };

    /// <summary>What would be done: the waves, and which clusters are of a shape that nothing less critical has. Nothing begins.</summary>
    [HttpPost("plan")]
    [Needs(Permission.View)]
    public async Task<ActionResult<UpgradeView>> Plan([FromBody] UpgradeRequest request, CancellationToken cancellation) =>
        (await desk.Plan(request with { By = HttpContext.NameOf(request.By) }, cancellation))
        .Then<UpgradeView>(planned => UpgradeView.Of(planned with { Id = Guid.Empty }))
        .Answer();

    /// <summary>All upgrades, newest first, without their clusters.</summary>
    /// <param name="after">The <c>next</c> of the page before.</param>
    /// <param name="limit">1 to 500.</param>
    [HttpGet]
    [Needs(Permission.View)]
    public async Task<ActionResult<Page<UpgradeView>>> List([FromQuery] Guid? after, [FromQuery] int? limit, CancellationToken cancellation)
    {
        var check = new Validation();
        var most = check.Limit(limit);
        return check.Fault is { } fault
            ? Answers.Problem(fault)
            : Page<UpgradeView>.Of(
                [.. (await desk.List(after, most + 1, cancellation)).Select(one => UpgradeView.Of(one, isWhole: false))], most, one => $"{one.Id}");
    }

    /// <summary>An upgrade with its clusters, in the order of their turns.</summary>
    [HttpGet("{id}")]
    [Needs(Permission.View)]
    public async Task<ActionResult<UpgradeView>> Find(Guid id, CancellationToken cancellation) =>
        (await desk.Find(id, cancellation)).Then<UpgradeView>(found => UpgradeView.Of(found)).Answer();

    /// <summary>
    /// <c>stop</c>: nothing more begins, and what is being emptied takes work again. <c>resume</c>: it goes on, and what has failed is tried again.
    /// <c>abort</c>: nothing more begins, ever. A control plane that is on its way is not turned back by any of them. What is so already changes nothing; an
    /// upgrade that is done or aborted is a 409.
    /// </summary>
    [HttpPost("{id}/{command}")]
    [Needs(Permission.Operate)]
    [Recorded(nameof(Find))]
    public async Task<ActionResult<UpgradeView>> Ask(
        Guid id, string command, [FromBody] UpgradeOrderRequest request, CancellationToken cancellation)
    {
        var check = new Validation();
        var (asked, by, reason) = (check.Choice(command, default(UpgradeCommand)), check.Person(HttpContext.NameOf(request.By)), check.Reason(request.Reason));
        return check.Fault is { } bad
            ? Answers.Problem(bad)
            : (await desk.Ask(id, asked, by, reason, cancellation)).Then<UpgradeView>(found => UpgradeView.Of(found)).Answer();
    }

    /// <summary>Lets a cluster be upgraded although nothing of its shape was: not by who has begun the upgrade (403).</summary>
    [HttpPost("{id}/clusters/{cluster}/approve")]
    [Needs(Permission.Approve)]
    [Recorded(nameof(Find))]
    public Task<ActionResult<UpgradeView>> Approve(
        Guid id, string cluster, [FromBody] UpgradeOrderRequest request, CancellationToken cancellation) =>
        Ask(id, cluster, TargetCommand.Approve, request, cancellation);

    /// <summary>Leaves a cluster out that has not been moved yet, or has failed.</summary>
    [HttpPost("{id}/clusters/{cluster}/skip")]
    [Needs(Permission.Operate)]
    [Recorded(nameof(Find))]
    public Task<ActionResult<UpgradeView>> Skip(
        Guid id, string cluster, [FromBody] UpgradeOrderRequest request, CancellationToken cancellation) =>
        Ask(id, cluster, TargetCommand.Skip, request, cancellation);

    private async Task<ActionResult<UpgradeView>> Ask(
        Guid id, string cluster, TargetCommand command, UpgradeOrderRequest request, CancellationToken cancellation)
    {
        var check = new Validation();
        var (by, reason) = (check.Person(HttpContext.NameOf(request.By)), check.Reason(request.Reason));
        return check.Fault is { } bad
            ? Answers.Problem(bad)
            : (await desk.Ask(id, cluster, command, by, reason, cancellation)).Then<UpgradeView>(found => UpgradeView.Of(found)).Answer();
    }
}
