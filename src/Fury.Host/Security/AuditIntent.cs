using Fury.Access.Contracts;

namespace Fury.Host;

/// <summary>
/// Notes what is about to be done before it is done. Should the host end in between, the trail has it all the same, and says that nobody knows its outcome.
/// When it cannot be noted nothing is done.
/// </summary>
internal sealed class AuditIntent(RequestDelegate next, IAudit audit)
{
    public async Task Invoke(HttpContext context)
    {
        if (AuditTrail.IsChange(context))
        {
            AuditTrail.SetAsked(context, await audit.Ask(AuditTrail.EntryOf(context), context.RequestAborted));
        }

        await next(context);
    }
}
