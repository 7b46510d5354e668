using Fury.Access.Contracts;
using Fury.Access.Deciding;
using Fury.Catalog;
using Fury.Kernel;
using Fury.Testing;

namespace Fury.Access.Tests.Deciding;

public sealed class PolicyStoreTests(TestDatabase<AccessModule, CatalogModule> database) : IClassFixture<TestDatabase<AccessModule, CatalogModule>>
{
    private static readonly Caller Eve = new("eve", CallerKind.User);

    private PolicyStore Store => database.Get<PolicyStore>();

    [Fact]
    public async Task A_grant_counts_at_once_here_and_within_a_second_elsewhere_and_so_does_its_end()
    {
        await using var elsewhere = database.BuildServices();
        var (here, there) = (database.Get<IAccess>(), (IAccess)elsewhere.GetService(typeof(IAccess))!);
        Assert.False((await here.Decide(Eve, Permission.Operate, Target.Organisation, default)).Allowed);
        Assert.False((await there.Decide(Eve, Permission.Operate, Target.Organisation, default)).Allowed);

        var added = await Store.Add(Given.Grant("user:eve", "operator", "organisation"), "test", TimeProvider.System.GetUtcNow(), default);
        database.Get<PolicyBook>().Forget();

        Assert.True((await here.Decide(Eve, Permission.Operate, Target.Organisation, default)).Allowed);
        await Eventually.True(async () => (await there.Decide(Eve, Permission.Operate, Target.Organisation, default)).Allowed);

        await Store.Remove(added.Value.Grant.Id, default);
        await Eventually.True(async () => !(await there.Decide(Eve, Permission.Operate, Target.Organisation, default)).Allowed);
    }

    [Fact]
    public async Task The_same_grant_from_many_sides_at_once_is_one()
    {
        var added = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ =>
            Store.Add(Given.Grant("group:many", "viewer", "team:many"), "test", TimeProvider.System.GetUtcNow(), default)));

        Assert.Single(added, one => one.Value.Created);
        Assert.Single(added.Select(one => one.Value.Grant.Id).Distinct());
        Assert.Single((await Store.List(null, 10, new(SubjectKind.Group, "many"), default)).Items);
    }

    [Fact]
    public async Task A_role_in_use_stays_and_a_grant_of_no_role_is_refused()
    {
        var now = TimeProvider.System.GetUtcNow();
        Assert.True((await Store.PutRole(new("auditor", [Permission.View, Permission.Operate], false), now, default)).IsOk);
        var grant = await Store.Add(Given.Grant("user:al", "auditor", "organisation"), "test", now, default);

        Assert.Equal(FaultKind.Conflict, (await Store.RemoveRole("auditor", default)).Fault?.Kind);
        await Store.Remove(grant.Value.Grant.Id, default);
        Assert.True((await Store.RemoveRole("auditor", default)).IsOk);

        Assert.Equal(FaultKind.NotFound, (await Store.Add(Given.Grant("user:al", "auditor", "organisation"), "test", now, default)).Fault?.Kind);
    }

    [Fact]
    public async Task Teams_own_their_applications_from_the_start() => Assert.Contains(
        (await Store.List(null, 10, new(SubjectKind.Owners, ""), default)).Items, grant => grant is { Role: "developer", Level.Kind: LevelKind.Organisation });
}
