using System.Text.Json;
using Fury.Access.Contracts;
using Fury.Hosting;
using Fury.Kernel;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace Fury.Access.Audit;

/// <param name="Result">allowed or denied.</param>
/// <param name="Hash">64 hexadecimal digits.</param>
internal sealed record AuditView(
    long Seq,
    DateTimeOffset At,
    string Caller,
    string Via,
    string? Credential,
    string? From,
    string Method,
    string Route,
    string Path,
    string? Application,
    string? Scope,
    string? Permission,
    string Result,
    int Status,
    string? Why,
    JsonElement? Before,
    JsonElement? After,
    string Hash)
{
    public static AuditView Of(AuditRow row)
    {
        var entry = row.Entry;
        return new(
            row.Seq, row.At, entry.Caller, entry.Via, entry.Credential, entry.From, entry.Method, entry.Route, entry.Path, entry.Application, entry.Scope,
            entry.Permission, entry.IsDenied ? "denied" : "allowed", entry.Status, entry.Why, Json(entry.Before), Json(entry.After),
            Convert.ToHexStringLower(row.Hash));
    }

    private static JsonElement? Json(string? text)
    {
        if (text is null)
        {
            return null;
        }

        using var document = JsonDocument.Parse(text);
        return document.RootElement.Clone();
    }
}

/// <param name="Rows">How many were read.</param>
/// <param name="BrokenAt">The place of the first row that is not what was written, or that is missing; null: the chain is whole.</param>
/// <param name="Head">The hash of the last row: whoever keeps it elsewhere can tell later that nothing was cut off.</param>
internal sealed record AuditVerdict(long Rows, long? BrokenAt, string? Head);

/// <summary>Who has done what, and who was kept from it.</summary>
[ApiController]
[Route("api/v1/audit")]
[Tags("Audit")]
internal sealed class AuditController(AuditStore store) : ControllerBase
{
    /// <summary>Newest first.</summary>
    /// <param name="caller">What this one has done.</param>
    /// <param name="application">What was done to this one.</param>
    /// <param name="permission">What needed this one.</param>
    /// <param name="result">allowed or denied.</param>
    /// <param name="from">At that time or later.</param>
    /// <param name="to">Before that time.</param>
    /// <param name="after">The <c>next</c> of the page before.</param>
    /// <param name="limit">1 to 500.</param>
    [HttpGet]
    [Produces("application/json")]
    [Needs(Permission.Operate)]
    public async Task<ActionResult<Page<AuditView>>> List(
        string? caller, string? application, string? permission, string? result, DateTimeOffset? from, DateTimeOffset? to, long? after,
        int limit = PageQuery.LimitDefault, CancellationToken cancellation = default)
    {
        var check = new Validation();
        check.Require(permission is null || Word.Find<Permission>(permission) is not null, permission, $"one of {string.Join(", ", Word.All<Permission>())}");
        check.Require(result is null or "allowed" or "denied", result, "allowed or denied");
        check.Limit(limit);
        if (check.Fault is { } fault)
        {
            return Answers.Problem(fault);
        }

        var query = new AuditQuery(caller, application, permission, result is null ? null : result == "denied", from, to);
        var page = await store.List(query, after, limit, cancellation);
        return new Page<AuditView>([.. page.Items.Select(AuditView.Of)], page.Next);
    }

    /// <summary>Reads all of it, and says whether every row is what was written after the one before it.</summary>
    [HttpGet("verify")]
    [Produces("application/json")]
    [Needs(Permission.Operate)]
    public async Task<AuditVerdict> Verify(CancellationToken cancellation)
    {
        var (rows, head) = (0L, (byte[]?)null);
        await foreach (var row in store.All(0, cancellation))
        {
            if (row.Seq != rows + 1 || !row.Follows(head))
            {
                return new(rows, rows + 1, head is null ? null : Convert.ToHexStringLower(head));
            }

            (rows, head) = (row.Seq, row.Hash);
        }

        return new(rows, null, head is null ? null : Convert.ToHexStringLower(head));
    }

    /// <summary>All of it in its order, one JSON object a line.</summary>
    /// <param name="after">Those after this place; 0: from the beginning.</param>
    [HttpGet("export")]
    [Needs(Permission.Operate)]
    public Task Export(long after = 0, CancellationToken cancellation = default) =>
        TextLines.Write(Response, Lines(after, cancellation), flush: false, cancellation);

    private async IAsyncEnumerable<string> Lines(
        long after, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var row in store.All(after, cancellation))
        {
            yield return JsonSerializer.Serialize(AuditView.Of(row), FuryJson.Options);
        }
    }
}
