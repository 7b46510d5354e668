using System.Data.Common;
using System.Diagnostics;
using Fury.Hosting;
using Fury.Kernel;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;

namespace Fury.Host;

/// <summary>Problem details for what no controller answers: exceptions, unknown routes, refused callers.</summary>
internal sealed partial class Problems(IProblemDetailsService writer, ILogger<Problems> log) : IExceptionHandler
{
    public static async Task Write(HttpContext context, Fault fault)
    {
        var answer = Answers.Problem(fault);
        context.Response.StatusCode = answer.StatusCode!.Value;
        await context.Response.WriteAsJsonAsync(
            (ProblemDetails)answer.Value!, FuryJson.Options, "application/problem+json", context.RequestAborted);
    }

    /// <summary>The problem of an answer that is a status alone, such as 405 and 415.</summary>
    public static Task WriteStatus(HttpContext context)
    {
        var status = context.Response.StatusCode;
        var problem = new ProblemDetails { Status = status, Title = ReasonPhrases.GetReasonPhrase(status) };
        problem.Extensions["traceId"] = Activity.Current?.Id;
        Name(problem);
        return context.Response.WriteAsJsonAsync(problem, FuryJson.Options, "application/problem+json", context.RequestAborted);
    }

    /// <summary>Gives a problem that no module has written, such as an unknown route, the words of its fault kind where there is one.</summary>
    public static void Name(ProblemDetails problem)
    {
        if (problem.Extensions.ContainsKey("kind"))
        {
            return;
        }

        if (problem.Status == StatusCodes.Status413PayloadTooLarge)
        {
            // No module ever says so: the web server does, before one has read anything.
            (problem.Type, problem.Extensions["kind"]) = ("urn:fury:fault:too-large", "too-large");
            return;
        }

        foreach (var kind in Enum.GetValues<FaultKind>().Where(kind => Answers.StatusOf(kind) == problem.Status))
        {
            problem.Type = Answers.TypeOf(kind);
            problem.Extensions["kind"] = kind;
        }
    }

    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (httpContext.RequestAborted.IsCancellationRequested)
        {
            // Nobody listens any more.
            httpContext.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
            return true;
        }

        var problem = Of(exception);
        httpContext.Response.StatusCode = problem.Status!.Value;
        if (problem.Status == StatusCodes.Status500InternalServerError)
        {
            Bug(log, httpContext.Request.Method, httpContext.Request.Path, exception);
        }
        else
        {
            Refused(log, httpContext.Request.Method, httpContext.Request.Path, problem.Status.Value, exception.Message);
        }

        return await writer.TryWriteAsync(new() { HttpContext = httpContext, ProblemDetails = problem, Exception = exception });
    }

    internal static ProblemDetails Of(Exception exception) => exception switch
    {
        BadHttpRequestException bad => new() { Status = bad.StatusCode, Title = bad.Message },
        // Of all that a text of JSON or of an address may hold, PostgreSQL keeps neither NUL nor half of a character. Its transaction has kept nothing.
        DbException { SqlState: "22021" or "22P05" } => (ProblemDetails)Answers.Problem(
            Fault.Invalid("request", null, "text without NUL and without halves of characters")).Value!,
        DbException { IsTransient: true } or TimeoutException => (ProblemDetails)Answers.Problem(
            Fault.Unavailable("The database does not answer now. Try again in a moment.")).Value!,
        _ => new()
        {
            Status = StatusCodes.Status500InternalServerError,
            Title = "Fury has made a mistake. The log of the host has the details under this trace id.",
        },
    };

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Path} has failed")]
    private static partial void Bug(ILogger log, string method, PathString path, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Method} {Path} was answered {Status}: {Reason}")]
    private static partial void Refused(ILogger log, string method, PathString path, int status, string reason);
}
