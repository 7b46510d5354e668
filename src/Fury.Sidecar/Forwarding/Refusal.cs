using System.Globalization;
using System.Text.Json;
using Fury.Kernel;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace Fury.Sidecar.Forwarding;

/// <summary>An answer that the sidecar itself gives, told apart from the application's by <see cref="Header"/>.</summary>
/// <param name="Code">The value of the header, for programs.</param>
/// <param name="Title">One sentence for people.</param>
internal sealed record Refusal(int Status, string Code, string Title)
{
    public const string Header = "x-fury-proxy-error";

    /// <summary>What a client is told to wait for a scope that wakes.</summary>
    private const int WakeSeconds = 5;

    public int? RetryAfterSeconds { get; init; }

    public static Refusal NotLoaded { get; } =
        new(StatusCodes.Status503ServiceUnavailable, "routes-not-loaded", "The sidecar has not received its routes yet.");

    public static Refusal UnknownHost(string host) =>
        new(StatusCodes.Status404NotFound, "unknown-host", $"No scope is reached by the host name '{FieldFault.Of("", host, "").Value}'.");

    public static Refusal NoPool(ScopeRef scope) =>
        new(StatusCodes.Status503ServiceUnavailable, "no-pool", $"Nothing serves {scope}: no version of it has traffic.");

    public static Refusal NoEndpoint(ScopeRef scope) =>
        new(StatusCodes.Status503ServiceUnavailable, "no-ready-endpoint", $"No instance of {scope} is ready.");

    /// <summary>As many requests are held for it as may be.</summary>
    public static Refusal TooManyWait(ScopeRef scope) => new(
        StatusCodes.Status503ServiceUnavailable,
        "too-many-waiting",
        $"{scope} is being woken, and as many requests as can be held wait for it. Try again soon.")
    {
        RetryAfterSeconds = WakeSeconds,
    };

    /// <summary>The request was held for as long as may be.</summary>
    public static Refusal NotAwake(ScopeRef scope) => new(
        StatusCodes.Status503ServiceUnavailable,
        "not-awake",
        $"{scope} was asleep, and no instance of it was ready within {Stay.PatienceMax.TotalSeconds:0} s. Try again soon.")
    {
        RetryAfterSeconds = WakeSeconds,
    };

    public static Refusal Overloaded(string host) =>
        new(StatusCodes.Status503ServiceUnavailable, "overloaded", $"As many requests as its circuit breaker lets through are under way to {host}.");

    /// <summary>After the last attempt.</summary>
    public static Refusal After(Ending ending, string host) => ending switch
    {
        Ending.NotSent => new(StatusCodes.Status503ServiceUnavailable, "connect-failed", $"No instance of {host} could be connected to."),
        Ending.TimedOut or Ending.TryTimedOut => new(StatusCodes.Status504GatewayTimeout, "timed-out", $"The instance of {host} did not answer in time."),
        Ending.ClientLeft => new(StatusCodes.Status400BadRequest, "bad-request", "The request ended early or cannot be passed on."),
        _ => new(StatusCodes.Status502BadGateway, "connection-broken", $"The instance of {host} broke the connection before its answer."),
    };

    public async Task Write(HttpContext context)
    {
        var response = context.Response;
        response.Clear();
        response.StatusCode = Status;
        response.Headers[Header] = Code;
        response.Headers.RetryAfter = RetryAfterSeconds?.ToString(CultureInfo.InvariantCulture);
        var problem = new ProblemDetails { Status = Status, Title = Title, Type = $"urn:fury:sidecar:{Code}" };
        var content = JsonSerializer.SerializeToUtf8Bytes(problem, FuryJson.Options);
        response.ContentType = "application/problem+json";
        response.ContentLength = content.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await response.Body.WriteAsync(content, context.RequestAborted);
        }
    }
}
