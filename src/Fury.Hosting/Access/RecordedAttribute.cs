using System.Reflection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Controllers;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.AspNetCore.Mvc.Infrastructure;

namespace Fury.Hosting;

/// <summary>
/// Tells the audit trail what an action has changed, by <see cref="Calling.Changes"/>, when it has succeeded. Both sides are written as JSON, so neither may
/// hold a secret. What others change in the same moment is in it too.
/// </summary>
/// <param name="looks">
/// The method of the same controller that shows what is changed, before and after: most often the action of its GET. Its parameters are some of the action's.
/// Null: what the action answers is what there is after it.
/// </param>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RecordedAttribute(string? looks = null) : Attribute, IAsyncActionFilter
{
    /// <summary>What stands in the trail for what could not be looked at.</summary>
    public const string NotKnown = "(not known: it could not be looked at)";

    private static readonly TimeSpan LookWithin = TimeSpan.FromSeconds(10);

    private const BindingFlags Any = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    /// <summary>What the action answers is what there was before it, and is no more.</summary>
    public bool Ends { get; init; }

    public async Task OnActionExecutionAsync(ActionExecutingContext context, ActionExecutionDelegate next)
    {
        var before = looks is null ? null : await Look(context, looks, context.HttpContext.RequestAborted);
        var done = await next();
        if (done.Exception is not null || !IsSuccess(done.Result))
        {
            return;
        }

        var after = looks is null ? ValueOf(done.Result) : await LookAfter(context, looks);
        context.HttpContext.Changes(Ends ? after : before, Ends ? null : after);
    }

    /// <summary>It is changed already: neither that its caller has gone nor that nobody can look makes a failure of it.</summary>
    private static async Task<object?> LookAfter(ActionExecutingContext context, string name)
    {
        using var deadline = new CancellationTokenSource(LookWithin);
        try
        {
            return await Look(context, name, deadline.Token);
        }
        catch (Exception)
        {
            return NotKnown;
        }
    }

    /// <exception cref="InvalidOperationException">A mistake in the controller: there is no such method.</exception>
    private static async Task<object?> Look(ActionExecutingContext context, string name, CancellationToken cancellation)
    {
        var method = ((ControllerActionDescriptor)context.ActionDescriptor).ControllerTypeInfo.GetMethod(name, Any)
            ?? throw new InvalidOperationException($"{context.Controller.GetType().Name} has no method {name}.");
        var arguments = method.GetParameters().Select(parameter =>
            parameter.ParameterType == typeof(CancellationToken) ? cancellation
            : context.ActionArguments.TryGetValue(parameter.Name!, out var given) ? given
            : null);
        var looking = (Task)method.Invoke(context.Controller, BindingFlags.DoNotWrapExceptions, null, [.. arguments], null)!;
        await looking;
        return ValueOf(looking.GetType().GetProperty(nameof(Task<object>.Result))!.GetValue(looking));
    }

    private static object? ValueOf(object? answer) => answer switch
    {
        IConvertToActionResult convertible => ValueOf(convertible.Convert()),
        ObjectResult { StatusCode: StatusCodes.Status404NotFound } => null,
        ObjectResult result => IsSuccess(result) ? result.Value : NotKnown,
        IActionResult => null,
        _ => answer,
    };

    private static bool IsSuccess(IActionResult? result) => (result as IStatusCodeActionResult)?.StatusCode is null or < 400;
}
