using System.Text.Json;
using Fury.Kernel;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Fury.Hosting;

/// <summary>The one place where faults become status codes, as problem details (RFC 9457).</summary>
public static class Answers
{
    internal const string ProblemJson = "application/problem+json";

    public static int StatusOf(FaultKind kind) => kind switch
    {
        FaultKind.Invalid => StatusCodes.Status400BadRequest,
        FaultKind.Unauthenticated => StatusCodes.Status401Unauthorized,
        FaultKind.Forbidden => StatusCodes.Status403Forbidden,
        FaultKind.NotFound => StatusCodes.Status404NotFound,
        FaultKind.Conflict => StatusCodes.Status409Conflict,
        FaultKind.Stale => StatusCodes.Status412PreconditionFailed,
        FaultKind.Throttled => StatusCodes.Status429TooManyRequests,
        FaultKind.Unavailable => StatusCodes.Status503ServiceUnavailable,
        FaultKind.Exhausted => StatusCodes.Status507InsufficientStorage,
        _ => throw new InvalidOperationException($"Fault kind {kind} has no status."),
    };

    /// <summary>The <c>type</c> of its problem details, e.g. <c>urn:fury:fault:not-found</c>; <c>docs/errors.md</c> has a row for each.</summary>
    public static string TypeOf(FaultKind kind) => $"urn:fury:fault:{JsonNamingPolicy.KebabCaseLower.ConvertName(kind.ToString())}";

    /// <summary>The value as 200, or the fault as problem details with <c>kind</c>, <c>errors</c> (one for each bad field) and its facts.</summary>
    public static ActionResult<T> Answer<T>(this Outcome<T> outcome) => outcome.IsOk ? new OkObjectResult(outcome.Value) : Problem(outcome.Fault);

    /// <summary>The fault as problem details. What it has for the operator goes to the log when it is sent.</summary>
    public static ObjectResult Problem(Fault fault) => new FaultResult(fault);

    internal static ProblemDetails Details(Fault fault)
    {
        var problem = new ProblemDetails
        {
            Status = StatusOf(fault.Kind),
            Title = fault.Message,
            Type = TypeOf(fault.Kind),
        };
        problem.Extensions["kind"] = fault.Kind;
        if (fault.Fields.Count > 0)
        {
            problem.Extensions["errors"] = fault.Fields;
        }

        foreach (var (fact, value) in fault.Facts)
        {
            problem.Extensions[fact] = value;
        }

        return problem;
    }

    private sealed class FaultResult : ObjectResult
    {
        private readonly Fault _fault;

        public FaultResult(Fault fault)
            : base(Details(fault))
        {
            _fault = fault;
            StatusCode = StatusOf(fault.Kind);
        }

        /// <summary>Here, since a controller's <c>[Produces]</c> speaks of its answers and overwrites what was set before.</summary>
        public override Task ExecuteResultAsync(ActionContext context)
        {
            ContentTypes.Clear();
            ContentTypes.Add(ProblemJson);
            return base.ExecuteResultAsync(context);
        }

        public override void OnFormatting(ActionContext context)
        {
            base.OnFormatting(context);
            if (_fault.Detail is { } detail)
            {
                var logger = context.HttpContext.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(Answers).FullName!);
                var request = context.HttpContext.Request;
                logger.LogWarning("{Method} {Path} was refused: {Fault} {Detail}", request.Method, request.Path, _fault, detail);
            }
        }
    }
}
