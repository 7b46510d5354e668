using Fury.Access.Contracts;
using Fury.Catalog.Contracts;
using Fury.Kernel;

namespace Fury.Access.Deciding;

/// <summary>The decision with what it needs to know: the grants as they are, and whose the target is.</summary>
internal sealed class AccessDesk(PolicyBook book, ICatalog catalog) : IAccess
{
    public async Task<Decision> Decide(Caller caller, Permission permission, Target target, CancellationToken cancellation)
    {
        var policy = await PolicyFor(caller, cancellation);
        return Deciding.Decide.On(policy, caller, permission, await Facts(policy, caller, target, cancellation));
    }

    public async Task<Decision> DecideAnywhere(Caller caller, Permission permission, CancellationToken cancellation) =>
        Deciding.Decide.Anywhere(await PolicyFor(caller, cancellation), caller, permission);

    public async Task<IReadOnlyList<Permission>> Permissions(Caller caller, Target? target, CancellationToken cancellation)
    {
        var policy = await PolicyFor(caller, cancellation);
        var facts = target is null ? null : await Facts(policy, caller, target, cancellation);
        return
        [
            .. Enum.GetValues<Permission>().Where(permission => (facts is null
                ? Deciding.Decide.Anywhere(policy, caller, permission)
                : Deciding.Decide.On(policy, caller, permission, facts)).Allowed),
        ];
    }

    public async Task<IReadOnlyList<Reach>> Reach(Caller caller, Permission permission, CancellationToken cancellation) =>
        Deciding.Decide.Reach(await PolicyFor(caller, cancellation), caller, permission);

    public async Task<Sight> Sight(Caller caller, Permission permission, CancellationToken cancellation)
    {
        var bounds = (await Reach(caller, permission, cancellation)).Where(reach => !reach.All)
            .Select(reach => new ScopeSet(reach.Teams, reach.Applications, reach.Criticalities)).ToList();
        if (bounds.Count == 0)
        {
            return Contracts.Sight.Everything;
        }

        var found = await catalog.ScopesIn(bounds, cancellation);
        return new(false, found.Applications, found.Scopes);
    }

    /// <summary>Administrators need no grants, and so no database: they must be able to look while it is away.</summary>
    private async Task<Policy> PolicyFor(Caller caller, CancellationToken cancellation) =>
        caller.Kind is CallerKind.Local or CallerKind.Bootstrap ? Policy.Empty : await book.Current(cancellation);

    public async Task<Facts> Facts(Policy policy, Caller caller, Target target, CancellationToken cancellation)
    {
        if (target.Application is not { } name || !Deciding.Decide.NeedsFacts(policy, caller))
        {
            return new(target.Application, target.Scope, null, null);
        }

        var application = await catalog.FindApplication(name, cancellation);
        var scope = application.IsOk && target.Scope is { } part ? await catalog.FindScope(new(name, part), cancellation) : default(Outcome<Scope>?);
        return new(
            name,
            target.Scope,
            application.IsOk ? application.Value.Team : null,
            scope is { IsOk: true } found ? found.Value.Criticality : application.IsOk ? application.Value.Criticality : null);
    }
}
