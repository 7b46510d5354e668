using Fury.Access.Contracts;
using Fury.Kernel;
using Microsoft.AspNetCore.Http;

namespace Fury.Hosting;

/// <summary>What the host has found out about a request before its action runs.</summary>
public static class Calling
{
    private const string CallerItem = "fury.caller";
    private const string ChangeItem = "fury.change";
    private const string FailedItem = "fury.failed-sign-in";

    /// <summary>Who calls.</summary>
    /// <exception cref="InvalidOperationException">Nobody has asked: the action is open to all, and must not depend on it.</exception>
    public static Caller Caller(this HttpContext context) => context.FindCaller() ?? throw new InvalidOperationException("Nobody knows who calls.");

    public static Caller? FindCaller(this HttpContext context) => context.Items[CallerItem] as Caller;

    public static void SetCaller(this HttpContext context, Caller caller) => context.Items[CallerItem] = caller;

    /// <summary>
    /// The name under which something is done: the caller's own where that is proven, and for a token its owner's, so that nobody counts as two persons.
    /// Whoever shares the host's machine, or has the token that is everybody's, is asked for one.
    /// </summary>
    /// <param name="said">What the request says.</param>
    public static string? NameOf(this HttpContext context, string? said) =>
        context.FindCaller() is { Kind: CallerKind.User or CallerKind.Token } caller ? (caller.Owner ?? caller).Name : said;

    /// <summary>Tells the audit trail what is changed: both are written as JSON, so neither may hold a secret. Null: there was, or is, nothing.</summary>
    public static void Changes(this HttpContext context, object? before, object? after) => context.Items[ChangeItem] = (before, after);

    public static (object? Before, object? After)? FindChange(this HttpContext context) => context.Items[ChangeItem] as (object?, object?)?;

    /// <summary>Tells the audit trail that somebody has tried to show who it is, and was not believed.</summary>
    public static void SignInFails(this HttpContext context, Fault why) => context.Items[FailedItem] = why;

    /// <summary>Why somebody was not believed; null: nobody has tried, or was believed.</summary>
    public static Fault? FindFailedSignIn(this HttpContext context) => context.Items[FailedItem] as Fault;
}
