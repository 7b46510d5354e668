using Fury.Hosting;
using Fury.Kernel;
using Microsoft.AspNetCore.Mvc;

namespace Fury.Deployments.Gates;

internal static class RuleAnswers
{
    /// <summary>201 for what is new, 200 for what was there, or the fault.</summary>
    /// <param name="of">How the value is shown.</param>
    public static ActionResult<TView> Answer<T, TView>(this ControllerBase controller, Outcome<Written<T>> outcome, Func<T, TView> of) => outcome switch
    {
        { IsOk: false } => Answers.Problem(outcome.Fault),
        { Value: { IsNew: true } written } => controller.Created(controller.Request.Path.ToUriComponent(), of(written.Value)),
        _ => controller.Ok(of(outcome.Value.Value)),
    };

    public static ActionResult<T> Answer<T>(this ControllerBase controller, Outcome<Written<T>> outcome) => controller.Answer(outcome, value => value);
}
