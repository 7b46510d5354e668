using Fury.Access.Contracts;
using Fury.Deployments.Deployments;
using Fury.Deployments.Gates;
using Fury.Hosting;
using Fury.Kernel;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace Fury.Deployments.Approvals;

/// <summary>What a person says of a deployment.</summary>
/// <param name="By">1 to 100 printable characters. A proven name stands instead.</param>
/// <param name="Comment">At most 500 printable characters; may be left out.</param>
internal sealed record SayRequest(string? By, string? Comment = null);

/// <param name="Needs">By criticality; those that are left out need none.</param>
/// <param name="By">Who says so, 1 to 100 printable characters. A proven name stands instead.</param>
/// <param name="Reason">1 to 500 printable characters.</param>
internal sealed record ApprovalPolicyRequest(IReadOnlyDictionary<string, Needed>? Needs, string? By, string? Reason)
{
    public const int NeededMax = 10;

    /// <summary>On a bad field the check has a fault, and the policy must not be used.</summary>
    public ApprovalPolicy Read(Validation check)
    {
        check.Require(Needs is not null, null, "an object of criticalities, e.g. {\"critical\": {\"toBegin\": 1}}", "needs");
        foreach (var (word, needed) in Needs ?? new Dictionary<string, Needed>())
        {
            check.Choice(word, Criticality.Low, "needs");
            check.Require(needed.ToBegin is >= 0 and <= NeededMax, needed.ToBegin, $"0 to {NeededMax}", $"needs.{word}.toBegin");
            check.Require(needed.ToFinalise is >= 0 and <= NeededMax, needed.ToFinalise, $"0 to {NeededMax}", $"needs.{word}.toFinalise");
        }

        return new(check.Fault is null ? Needs!.ToDictionary(need => Word.Read<Criticality>(need.Key), need => need.Value) : []);
    }
}

/// <summary>Who has approved what, and what needs it.</summary>
[ApiController]
[Route("api/v1")]
[Tags("Approvals")]
[Produces("application/json")]
internal sealed class ApprovalsController(ApprovalDesk desk, ApprovalPolicyStore policy, RuleBook book) : ControllerBase
{
    private const int CommentLengthMax = 500;

    /// <summary>Approves what the deployment waits for; 403 for who has asked for it, 409 when it needs no approval now.</summary>
    [HttpPost("deployments/{id}/approve")]
    [Needs(Permission.Approve, Subject = typeof(DeploymentSubject))]
    [Recorded(nameof(Find))]
    public Task<ActionResult<ApprovalsView>> Approve(DeploymentId id, [FromBody] SayRequest request, CancellationToken cancellation) =>
        Say(id, request, approves: true, cancellation);

    /// <summary>Rejects the deployment, which aborts it; 409 when it needs no approval now.</summary>
    [HttpPost("deployments/{id}/reject")]
    [Needs(Permission.Approve, Subject = typeof(DeploymentSubject))]
    [Recorded(nameof(Find))]
    public Task<ActionResult<ApprovalsView>> Reject(DeploymentId id, [FromBody] SayRequest request, CancellationToken cancellation) =>
        Say(id, request, approves: false, cancellation);

    /// <summary>What the deployment needs and has.</summary>
    [HttpGet("deployments/{id}/approvals")]
    [Needs(Permission.View, Subject = typeof(DeploymentSubject))]
    public async Task<ActionResult<ApprovalsView>> Find(DeploymentId id, CancellationToken cancellation) =>
        (await desk.Find(id, cancellation)).Answer();

    /// <summary>What deployments need, by the criticality of their scopes.</summary>
    [HttpGet("approval-policy")]
    [Needs(Permission.View, Anywhere = true)]
    public async Task<ActionResult<ApprovalPolicy>> Policy(CancellationToken cancellation) => (await book.Current(cancellation)).Approvals;

    /// <summary>Replaces the policy.</summary>
    [HttpPut("approval-policy")]
    [Needs(Permission.Administer)]
    [Recorded(nameof(Policy))]
    public async Task<ActionResult<ApprovalPolicy>> Put([FromBody] ApprovalPolicyRequest request, CancellationToken cancellation)
    {
        var check = new Validation();
        var (wanted, by, reason) = (request.Read(check), check.Person(HttpContext.NameOf(request.By)), check.Reason(request.Reason));
        return check.Fault is { } fault ? Answers.Problem(fault) : this.Answer(await policy.Put(wanted, by, reason, cancellation));
    }

    private async Task<ActionResult<ApprovalsView>> Say(DeploymentId id, SayRequest request, bool approves, CancellationToken cancellation)
    {
        var check = new Validation();
        var by = check.Person(HttpContext.NameOf(request.By));
        var comment = string.IsNullOrWhiteSpace(request.Comment) ? null : check.Line(request.Comment, CommentLengthMax, "comment");
        return check.Fault is { } fault ? Answers.Problem(fault) : (await desk.Say(id, by, approves, comment, cancellation)).Answer();
    }
}
