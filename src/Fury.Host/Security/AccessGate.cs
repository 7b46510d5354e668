using Fury.Access.Contracts;
using Fury.Hosting;
using Fury.Kernel;

namespace Fury.Host;

/// <summary>A request at the gate.</summary>
/// <param name="Decision">Null: it needs none, or was refused before.</param>
internal sealed record Passage(RouteEndpoint Endpoint, Target Target, Decision? Decision)
{
    public bool IsRefused => Decision is { Allowed: false };

    public T? Find<T>()
        where T : class => Endpoint.Metadata.GetMetadata<T>();
}

/// <summary>
/// The one place where permissions are enforced: before an action runs, by what its <see cref="NeedsAttribute"/> says, on the application and scope of its
/// route. Of what a caller may not even see it is told nothing.
/// </summary>
internal sealed class AccessGate(RequestDelegate next, IAccess access)
{
    /// <summary>No page of another site can set a header of its own, nor can a form.</summary>
    public const string PageHeader = "X-Fury-Page";

    private const string PassageItem = "fury.passage";

    /// <summary>What the gate has seen of the request and decided; null: it has not come so far.</summary>
    public static Passage? PassageOf(HttpContext context) => context.Items[PassageItem] as Passage;

    public async Task Invoke(HttpContext context)
    {
        if (context.GetEndpoint() is RouteEndpoint endpoint)
        {
            context.Items[PassageItem] = new Passage(endpoint, TargetOf(context), null);
        }

        if (RefusesPage(context) is { } forged)
        {
            await Problems.Write(context, forged);
            return;
        }

        if (context.GetEndpoint()?.Metadata.GetMetadata<NeedsAttribute>() is not { } needs)
        {
            await next(context);
            return;
        }

        var fault = await Refuses(context, needs);
        await (fault is null ? next(context) : Problems.Write(context, fault));
    }

    /// <summary>What the route names.</summary>
    private static Target TargetOf(HttpContext context) =>
        ApplicationName.TryParse(context.Request.RouteValues["application"] as string, out var application)
            ? new(application, ScopeName.TryParse(context.Request.RouteValues["scope"] as string, out var scope) ? scope : null)
            : Target.Organisation;

    private async Task<Fault?> Refuses(HttpContext context, NeedsAttribute needs)
    {
        var (caller, cancellation) = (context.Caller(), context.RequestAborted);
        var subject = needs.Subject is { } type ? (IRouteSubject)context.RequestServices.GetRequiredService(type) : null;
        var id = subject is null ? null : context.Request.RouteValues[subject.Parameter] as string ?? "";
        var scope = subject is null ? null : await subject.Of(id!, cancellation);
        var target = scope is null ? TargetOf(context) : new(scope.Application, scope.Scope);
        var decision = needs.Anywhere
            ? await access.DecideAnywhere(caller, needs.Permission, cancellation)
            : await access.Decide(caller, needs.Permission, target, cancellation);
        context.Items[PassageItem] = PassageOf(context)! with { Target = target, Decision = decision };
        if (decision.Allowed)
        {
            return null;
        }

        async Task<bool> Sees(Target what) => (await access.Decide(caller, Permission.View, what, cancellation)).Allowed;

        return needs.Anywhere || (target == Target.Organisation && subject is null) || await Sees(target)
            ? new Fault(FaultKind.Forbidden, decision.Why).With("permission", Word.Of(needs.Permission))
            : subject is not null ? Fault.NotFound(subject.Noun, id!)
            : target.Scope is { } part && await Sees(target with { Scope = null }) ? Fault.NotFound("scope", new ScopeRef(target.Application!.Value, part))
            : Fault.NotFound("application", target.Application!.Value);
    }

    /// <summary>A browser sends its cookie with whatever any page asks for, so what changes something must say that it comes from a page of ours.</summary>
    private static Fault? RefusesPage(HttpContext context)
    {
        var request = context.Request;
        if (!TokenAuthentication.IsByCookie(context) || HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method))
        {
            return null;
        }

        var origin = request.Headers.Origin.ToString();
        var isOurs = origin.Length == 0
            || (Uri.TryCreate(origin, UriKind.Absolute, out var page) && page.Authority.Equals(request.Host.Value, StringComparison.OrdinalIgnoreCase)
                && page.Scheme == request.Scheme);
        return request.Headers.ContainsKey(PageHeader) && isOurs
            ? null
            : new Fault(FaultKind.Forbidden, $"With a session in a cookie, a change needs the header {PageHeader}, from a page of this host.");
    }
}
