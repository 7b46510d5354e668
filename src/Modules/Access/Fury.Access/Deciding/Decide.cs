using Fury.Access.Contracts;
using Fury.Kernel;

namespace Fury.Access.Deciding;

/// <summary>The one decision: who, what, on what. Pure; nothing is allowed that no grant allows.</summary>
internal static class Decide
{
    public static Decision On(Policy policy, Caller caller, Permission permission, Facts facts) => Check(policy, caller, permission, $"{facts}",
        grant => grant.Level.Covers(facts) && (grant.Subject.Kind != SubjectKind.Owners || (facts.Team is { } team && caller.Groups.Contains(team))),
        owner => On(policy, owner, permission, facts));

    public static Decision Anywhere(Policy policy, Caller caller, Permission permission) => Check(policy, caller, permission, "anything",
        grant => grant.Subject.Kind != SubjectKind.Owners || caller.Groups.Count > 0,
        owner => Anywhere(policy, owner, permission));

    /// <summary>What a list may show: what every one of these reaches, since a token reaches no further than its owner.</summary>
    public static IReadOnlyList<Reach> Reach(Policy policy, Caller caller, Permission permission)
    {
        if (IsAdministrator(caller))
        {
            return [new(true, [], [], [])];
        }

        var grants = Grants(policy, caller).Where(grant => policy.Gives(grant.Role, permission)).ToList();
        var owned = grants.Any(grant => grant.Subject.Kind == SubjectKind.Owners) ? caller.Groups : [];
        IEnumerable<string> Values(LevelKind kind) => grants.Where(grant => grant.Level.Kind == kind).Select(grant => grant.Level.Value).Distinct();
        var own = new Reach(
            grants.Any(grant => grant.Level.Kind == LevelKind.Organisation && grant.Subject.Kind != SubjectKind.Owners),
            [.. Values(LevelKind.Team).Union(owned)],
            [.. Values(LevelKind.Application).Select(ApplicationName.Parse)],
            [.. Values(LevelKind.Criticality).Select(Word.Read<Criticality>)]);
        return caller.Owner is null ? [own] : [own, .. Reach(policy, caller.Owner, permission)];
    }

    /// <summary>Whether what the target belongs to can matter: where it cannot, nobody need be asked.</summary>
    public static bool NeedsFacts(Policy policy, Caller caller) => !IsAdministrator(caller)
        && (Grants(policy, caller).Any(grant => grant.Subject.Kind == SubjectKind.Owners || grant.Level.Kind is LevelKind.Team or LevelKind.Criticality)
            || (caller.Owner is { } owner && NeedsFacts(policy, owner)));

    private static Decision Check(
        Policy policy, Caller caller, Permission permission, string on, Func<Grant, bool> covers, Func<Caller, Decision> ofOwner)
    {
        if (IsAdministrator(caller))
        {
            return new(true, $"{(caller.Kind == CallerKind.Local ? "The local administrator" : "The token of the host's settings")} may do everything.");
        }

        var held = Grants(policy, caller).Where(covers).ToList();
        if (held.FirstOrDefault(grant => policy.Gives(grant.Role, permission)) is not { } allowing)
        {
            var roles = held.Select(grant => grant.Role).Distinct().Order().ToList();
            var has = roles.Count == 0 ? "no role there" : $"only {string.Join(", ", roles)} there";
            return new(false, $"{Who(caller)} needs the permission {Word.Of(permission)} on {on}, and has {has}.");
        }

        return caller.Owner is { } owner && ofOwner(owner) is { Allowed: false } refused
            ? new(false, $"{Who(caller)} may do no more than its owner: {refused.Why}")
            : new(true, $"{Who(caller)} is {allowing.Role} by the grant for {allowing.Subject} at {allowing.Level}.");
    }

    private static IEnumerable<Grant> Grants(Policy policy, Caller caller) => caller.Kind switch
    {
        CallerKind.Token => policy.For(new(SubjectKind.Token, caller.Name)),
        CallerKind.User => policy.For(new(SubjectKind.User, caller.Name))
            .Concat(caller.Groups.SelectMany(group => policy.For(new(SubjectKind.Group, group))))
            .Concat(policy.For(new(SubjectKind.Owners, ""))),
        _ => [],
    };

    private static bool IsAdministrator(Caller caller) => caller.Kind is CallerKind.Local or CallerKind.Bootstrap;

    private static string Who(Caller caller) => caller.Kind == CallerKind.Token ? $"The token '{caller.Name}'" : $"'{caller.Name}'";
}
