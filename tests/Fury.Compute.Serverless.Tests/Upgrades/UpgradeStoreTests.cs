using Fury.Compute.Serverless.Upgrades;
using Fury.Kernel;
using Fury.Testing;

namespace Fury.Compute.Serverless.Tests.Upgrades;

/// <summary>Upgrades on record.</summary>
public sealed class UpgradeStoreTests(TestDatabase<ServerlessModule> database) : IClassFixture<TestDatabase<ServerlessModule>>
{
    private static readonly DateTimeOffset Now = new(2026, 11, 30, 9, 0, 0, TimeSpan.Zero);

    private IUpgradeStore Store => database.Get<IUpgradeStore>();

    [Fact]
    public async Task The_same_request_is_the_same_upgrade_and_a_cluster_is_in_one_at_a_time()
    {
        var one = Upgrade("same", "1.34", "same-a", "same-b");
        Assert.True((await Store.Add(one, "hash", default)).Value.IsNew);

        var again = (await Store.Add(Upgrade("same", "1.34", "same-a", "same-b"), "hash", default)).Value;
        Assert.Equal((one.Id, false), (again.Upgrade.Id, again.IsNew));
        Assert.Equal(one.Id, (await Store.Find("same", "hash", default))?.Id);
        Assert.Null(await Store.Find("same", "other", default));
        Assert.Equal("There is another upgrade of the name 'same'.", (await Store.Add(one, "other", default)).Fault?.Message);

        var taken = (await Store.Add(Upgrade("other", "1.34", "same-b"), "hash", default)).Fault!;
        Assert.Equal((FaultKind.Conflict, $"{one.Id}"), (taken.Kind, $"{taken.Facts["upgrade"]}"));
        await End(one.Id);
        Assert.True((await Store.Add(Upgrade("other", "1.34", "same-b"), "hash", default)).IsOk);
        await End((await Store.List(null, 1, default))[0].Id);
    }

    [Fact]
    public async Task Changes_come_one_after_the_other_and_a_refused_one_changes_nothing()
    {
        var one = (await Store.Add(Upgrade("changed", "1.33", "changed-a"), "hash", default)).Value.Upgrade;

        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ =>
            Store.Change(one.Id, present => present with { MaxConcurrent = present.MaxConcurrent + 1 }, default)));
        Assert.Equal(one.MaxConcurrent + 20, (await Store.Find(one.Id, default)).Value.MaxConcurrent);

        Assert.Equal(FaultKind.Conflict, (await Store.Change(one.Id, _ => Fault.Conflict("no"), default)).Fault?.Kind);
        Assert.Equal(FaultKind.NotFound, (await Store.Change(Guid.CreateVersion7(Now), present => present, default)).Fault?.Kind);
        Assert.Contains(await Store.Active(default), active => active.Id == one.Id);
        await End(one.Id);
        Assert.DoesNotContain(await Store.Active(default), active => active.Id == one.Id);
    }

    [Fact]
    public async Task What_was_brought_to_a_version_is_proven_and_lists_hold_no_clusters()
    {
        var traits = new[] { "node architecture arm64" };
        var one = Upgrade("proven", "1.30", "proven-a", "proven-b");
        one = one with
        {
            Targets = [one.Targets[0] with { State = UpgradeTargetState.Done, Shape = Shapes.NameOf(traits) }, one.Targets[1] with { Shape = "other" }],
            Shapes = new Dictionary<string, IReadOnlyList<string>> { [Shapes.NameOf(traits)] = traits, ["other"] = [] },
        };
        Assert.True((await Store.Add(one, "hash", default)).IsOk);

        Assert.Equal(traits, Assert.Single(await Store.Proven(new(1, 30), default)).Value);
        Assert.Empty(await Store.Proven(new(1, 31), default));
        var listed = Assert.Single(await Store.List(null, 100, default), upgrade => upgrade.Id == one.Id);
        Assert.Equal((0, 0, one.Name), (listed.Targets.Count, listed.Shapes.Count, listed.Name));
        Assert.DoesNotContain(await Store.List(one.Id, 100, default), upgrade => upgrade.Id == one.Id);
        await End(one.Id);
    }

    private Task<Outcome<Upgrade>> End(Guid id) => Store.Change(id, present => present with { EndedAt = Now, State = UpgradeState.Done }, default);

    private static Upgrade Upgrade(string name, string version, params string[] clusters)
    {
        Assert.True(MinorVersion.TryParse(version, out var to));
        return new(Guid.CreateVersion7(), name, "ann", to, true, 2, 1, TimeSpan.Zero, TimeSpan.FromHours(1), Now)
        {
            Targets = [.. clusters.Select(cluster => new Target(cluster, "aws", "east", null, true, 0, true))],
            Waves = 1,
        };
    }
}
