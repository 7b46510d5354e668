using System.Globalization;
using System.Text.Json;
using Fury.Access.Contracts;
using Fury.Hosting;
using Fury.Kernel;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace Fury.LittleMonster;

/// <summary>The desk over HTTP.</summary>
[ApiController]
[Route("api/v1/sagas")]
[Tags("Sagas")]
[Produces("application/json")]
internal sealed class SagasController(ISagaDesk desk, ILittleMonster sagas) : ControllerBase
{
    /// <summary>Sagas, the newest first. The dead letters are those with <c>state=stuck&amp;state=parked</c>.</summary>
    /// <param name="states">Any of these.</param>
    /// <param name="key">The concurrency key begins with it.</param>
    /// <param name="name">Of the definition.</param>
    [HttpGet]
    [Needs(Permission.Operate)]
    public async Task<ActionResult<Page<SagaSummary>>> List(
        [FromQuery(Name = "state")] string[] states,
        [FromQuery] string? key,
        [FromQuery] string? name,
        [FromQuery] string? startedAfter,
        [FromQuery] string? startedBefore,
        [FromQuery] string? after,
        [FromQuery] int? limit,
        CancellationToken cancellation)
    {
        var validation = new Validation();
        var query = new SagaQuery(
            [.. states.Select(state => State(state, validation))],
            key,
            name,
            Time(startedAfter, "startedAfter", validation),
            Time(startedBefore, "startedBefore", validation),
            after,
            limit ?? PageQuery.LimitDefault);
        return validation.Fault is { } fault ? Answers.Problem(fault) : (await desk.List(query, cancellation)).Answer();
    }

    /// <summary>One saga as it is now.</summary>
    [HttpGet("{id}")]
    [Needs(Permission.Operate)]
    public async Task<ActionResult<SagaView>> Find(string id, CancellationToken cancellation) =>
        (await Id(id).Then(saga => sagas.Find(saga, cancellation))).Answer();

    /// <summary>One saga and what it did so far, each attempt of each step.</summary>
    [HttpGet("{id}/timeline")]
    [Needs(Permission.Operate)]
    public async Task<ActionResult<SagaTimeline>> Timeline(string id, CancellationToken cancellation) =>
        (await Id(id).Then(saga => desk.Timeline(saga, cancellation))).Answer();

    /// <summary>Tries the step again, or its undo, that the saga is stuck or pauses at. 202: what comes of it is in the timeline.</summary>
    [HttpPost("{id}/retry")]
    [Needs(Permission.Operate)]
    [Recorded]
    public Task<ActionResult<SagaView>> Retry(string id, OrderRequest request, CancellationToken cancellation) =>
        Order(id, request, (saga, order) => desk.Retry(saga, order, cancellation), cancellation);

    /// <summary>Lets the step count as done (or undone) that the saga is stuck at or waits in. 202 as for a retry.</summary>
    [HttpPost("{id}/skip")]
    [Needs(Permission.Operate)]
    [Recorded]
    public Task<ActionResult<SagaView>> Skip(string id, SkipRequest request, CancellationToken cancellation) =>
        Order(id, request, (saga, order) => desk.Skip(saga, order, request.Result, cancellation), cancellation);

    /// <summary>Undoes the saga. 202 as for a retry; 409 when there is no way back.</summary>
    [HttpPost("{id}/cancel")]
    [Needs(Permission.Operate)]
    [Recorded]
    public Task<ActionResult<SagaView>> Cancel(string id, OrderRequest request, CancellationToken cancellation) =>
        Order(id, request, (saga, order) => desk.Cancel(saga, order, cancellation), cancellation);

    private async Task<ActionResult<SagaView>> Order(
        string text, OrderRequest request, Func<SagaId, DeskOrder, Task<Outcome>> give, CancellationToken cancellation)
    {
        var id = Id(text);
        if (!id.IsOk)
        {
            return Answers.Problem(id.Fault);
        }

        var by = User.Identity?.Name is { Length: > 0 } name ? name : "anonymous";
        var given = await give(id.Value, new DeskOrder(by, request.Reason ?? "", request.Revision));
        if (!given.IsOk)
        {
            return Answers.Problem(given.Fault);
        }

        var saga = await sagas.Find(id.Value, cancellation);
        return saga.IsOk ? Accepted($"/api/v1/sagas/{id.Value}/timeline", saga.Value) : Answers.Problem(saga.Fault);
    }

    private static Outcome<SagaId> Id(string text) =>
        SagaId.TryParse(text, out var id) ? id : Fault.Invalid("id", text, "the id of a saga: decimal digits");

    private static SagaState State(string text, Validation validation)
    {
        var states = Enum.GetValues<SagaState>();
        var found = states.FirstOrDefault(state => state.Word() == text);
        validation.Require(found != default, text, $"one of {string.Join(", ", states.Select(SagaStates.Word))}", "state");
        return found;
    }

    private static DateTimeOffset? Time(string? text, string field, Validation validation)
    {
        if (text is null)
        {
            return null;
        }

        var ok = DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time);
        validation.Require(ok, text, "a time such as 2026-03-01T12:00:00Z", field);
        return time;
    }
}

/// <summary>What is wanted of a saga, and why.</summary>
/// <param name="Reason">For the record; 1 to 1000 characters.</param>
/// <param name="Revision">The saga's revision that was looked at; 412 when it is another by now. With it, a repeat changes nothing.</param>
internal record OrderRequest(string? Reason = null, int? Revision = null);

/// <param name="Result">What later steps read as the skipped step's result.</param>
internal sealed record SkipRequest(JsonElement? Result = null) : OrderRequest;
