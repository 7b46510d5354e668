using System.Text.Json;
using Fury.Access.Contracts;
using Fury.Hosting;
using Fury.Kernel;

namespace Fury.Host;

/// <summary>
/// Keeps what changes something, and what was refused, in the audit trail: before the caller has its answer, so that nobody was told of a change that the
/// trail does not know. When it cannot be kept the caller is told that, and the log of the host has it.
/// </summary>
internal sealed partial class AuditTrail(RequestDelegate next, IAudit audit, ILogger<AuditTrail> log)
{
    private const int TextLengthMax = 1_000;
    private const int JsonLengthMax = 64 * 1024;
    private const string AskedItem = "fury.asked";

    /// <summary>The trail is kept also when the caller has gone.</summary>
    private static readonly TimeSpan KeepWithin = TimeSpan.FromSeconds(10);

    public async Task Invoke(HttpContext context)
    {
        var kept = false;
        context.Response.OnStarting(KeepOnce);
        try
        {
            await next(context);
        }
        finally
        {
            // A provider that is away has judged nobody.
            if (context.FindFailedSignIn() is { Kind: FaultKind.Unauthenticated } why)
            {
                var path = Cut(context.Request.Path.Value ?? "");
                audit.CountFailedSignIn($"{context.Connection.RemoteIpAddress}", context.Request.Method, path, Cut(why.Message));
            }

            await KeepOnce();
        }

        async Task KeepOnce()
        {
            if (!kept)
            {
                kept = true;
                await Keep(context);
            }
        }
    }

    /// <summary>
    /// What is about to be done changes something. To view is all that some routes need that are asked by POST for the sake of their body, as a plan is;
    /// whoever needs no more than to view anything at all changes what is its own.
    /// </summary>
    public static bool IsChange(HttpContext context) =>
        AccessGate.PassageOf(context)?.Find<IDeclaresAccess>() is NeedsAttribute needs && (needs.Permission != Permission.View || needs.Anywhere)
        && !(HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method));

    public static void SetAsked(HttpContext context, Guid asked) => context.Items[AskedItem] = asked;

    /// <summary>
    /// Reading is not kept, unless it was refused to somebody who is known. Agents and instances report all the time, and change nothing that people do.
    /// </summary>
    private static bool IsKept(HttpContext context) => AccessGate.PassageOf(context) is { } passage && passage.Find<IDeclaresAccess>() switch
    {
        NeedsAttribute => passage.IsRefused || IsChange(context),
        OpenToAllAttribute => context.FindChange() is not null,
        _ => false,
    };

    private async Task Keep(HttpContext context)
    {
        if (!IsKept(context))
        {
            return;
        }

        var entry = EntryOf(context);
        try
        {
            using var deadline = new CancellationTokenSource(KeepWithin);
            await audit.Keep(entry, context.Items[AskedItem] as Guid?, deadline.Token);
        }
        catch (Exception failure)
        {
            NotKept(log, JsonSerializer.Serialize(entry, FuryJson.Options), failure);
            if (context.Response.StatusCode < StatusCodes.Status500InternalServerError)
            {
                // Else the answer says already that it has failed, most often for the same reason.
                throw;
            }
        }
    }

    public static AuditEntry EntryOf(HttpContext context)
    {
        var (request, caller, change) = (context.Request, context.FindCaller(), context.FindChange());
        var passage = AccessGate.PassageOf(context)!;
        var needs = passage.Find<NeedsAttribute>();
        return new(
            caller?.Name ?? "", caller is null ? "none" : Word.Of(caller.Kind), caller?.Credential, $"{context.Connection.RemoteIpAddress}",
            request.Method, passage.Endpoint.RoutePattern.RawText ?? "", Cut(request.Path.Value ?? ""), passage.Target.Application?.Value,
            passage.Target.Scope?.Value, needs is null ? null : Word.Of(needs.Permission),
            passage.IsRefused || (needs is not null && passage.Decision is null), context.Response.StatusCode,
            passage.Decision?.Why is { } why ? Cut(why) : null, Json(change?.Before), Json(change?.After));
    }

    /// <summary>PostgreSQL takes no zeros, and half a surrogate pair no text at all: nobody keeps a row out of the trail by what they ask for.</summary>
    private static string Cut(string text)
    {
        var length = text.Length <= TextLengthMax ? text.Length : TextLengthMax - (char.IsHighSurrogate(text[TextLengthMax - 1]) ? 1 : 0);
        return text[..length].Replace('\0', '\uFFFD');
    }

    private static string? Json(object? value)
    {
        if (value is null)
        {
            return null;
        }

        var json = JsonSerializer.Serialize(value, value.GetType(), FuryJson.Options);
        return json.Length <= JsonLengthMax ? json : JsonSerializer.Serialize($"({json.Length} characters)", FuryJson.Options);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The audit trail could not be written: {Entry}")]
    private static partial void NotKept(ILogger log, string entry, Exception failure);
}
