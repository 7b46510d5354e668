using System.Collections.Concurrent;
using Fury.Kernel;
using Fury.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Fury.LittleMonster.Tests;

/// <summary>The ledger against what a provider really has.</summary>
public sealed class LedgerTests(MonsterDatabase database) : IClassFixture<MonsterDatabase>
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Age = TimeSpan.FromMinutes(15);
    private static readonly Guid Token = Guid.Parse("00000000-0000-0000-0000-000000000001");

    private static CancellationToken Soon => new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token;

    /// <summary>State of the row (0: there is none), its saga's state (0: there is none), whether the provider has it, and what is to happen.</summary>
    [Theory]
    [InlineData(0, 0, true, "Remove")]
    [InlineData(1, 1, true, "")]
    [InlineData(1, 4, true, "")]
    [InlineData(1, 5, true, "")]
    [InlineData(1, 7, true, "Adopt")]
    [InlineData(1, 8, true, "Remove")]
    [InlineData(1, 0, true, "Remove")]
    [InlineData(1, 1, false, "")]
    [InlineData(1, 8, false, "Forget")]
    [InlineData(2, 7, true, "")]
    [InlineData(2, 0, true, "")]
    [InlineData(2, 7, false, "Forget")]
    [InlineData(4, 8, true, "Remove")]
    [InlineData(5, 0, true, "Remove")]
    [InlineData(5, 0, false, "Forget")]
    public void Each_case_has_its_move_and_what_is_young_has_none(int state, int saga, bool found, string move)
    {
        Assert.Equal(move, Moves(Now - Age - TimeSpan.FromSeconds(1)));
        Assert.Equal("", Moves(Now - Age + TimeSpan.FromSeconds(1)));

        string Moves(DateTimeOffset at)
        {
            LedgerItem[] items = found ? [new LedgerItem("thing", "x-1", Token, at)] : [];
            var row = new LedgerRow(Token, "thing", null, (LedgerState)state, at, saga == 0 ? null : (SagaState)saga);
            return string.Join(',', SweepPlan.Decide(items, state == 0 ? [] : [row], Now, Age).Select(one => one.GetType().Name));
        }
    }

    [Fact]
    public async Task What_no_saga_stands_behind_is_removed_by_a_saga_and_what_is_wanted_stays()
    {
        var (world, cloud) = (new World(), new Cloud());
        await using var host = await database.NewHost(world, "sweeper", configure: services =>
        {
            services.AddSingleton<ILedgerSource>(cloud);
            services.Replace(ServiceDescriptor.Singleton(new LittleMonsterSettings { OrphanAge = TimeSpan.Zero }));
        });
        var wanted = await host.Run("wanted");
        world.Refuse("do:attach", FaultKind.Conflict);
        var undone = await host.Run("undone");
        Assert.Equal((SagaState.Completed, SagaState.Compensated), (wanted.State, undone.State));
        var (kept, gone) = (await TokenOf(wanted.Id), await TokenOf(undone.Id));

        // A request of the undone saga arrives late, and something is there that the ledger has never heard of.
        var unknown = Guid.CreateVersion7();
        cloud.Add(kept);
        cloud.Add(gone);
        cloud.Add(unknown);
        await host.Get<LedgerSweep>().Sweep(Soon);
        await Eventually.True(() => cloud.Items.Count == 1);
        Assert.Equal([kept], cloud.Items.Keys);
        Assert.Equal(2, await database.Count($"select count(*) from lm.resource where state = 5 and token in ('{gone}', '{unknown}')"));

        // Somebody has taken the wanted one away by hand.
        cloud.Items.Clear();
        await host.Get<LedgerSweep>().Sweep(Soon);
        Assert.Equal(3, await database.Count($"select count(*) from lm.resource where state = 4 and token in ('{kept}', '{gone}', '{unknown}')"));
    }

    private async Task<Guid> TokenOf(SagaId saga)
    {
        await using var command = database.Database.Source.CreateCommand($"select token from lm.resource where saga = {saga}");
        return (Guid)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>The provider of the ledger entries of <see cref="LaunchSaga"/>.</summary>
    private sealed class Cloud : ILedgerSource
    {
        public ConcurrentDictionary<Guid, LedgerItem> Items { get; } = new();

        public string Provider => "test";

        public IReadOnlyCollection<string> Regions => ["here"];

        public void Add(Guid token) => Items[token] = new LedgerItem("thing", $"x-{token}", token, DateTimeOffset.UnixEpoch);

        public Task<Outcome<IReadOnlyList<LedgerItem>>> List(string region, CancellationToken cancellation) =>
            Task.FromResult<Outcome<IReadOnlyList<LedgerItem>>>(Items.Values.ToList());

        public Task<Outcome> Remove(string region, LedgerItem item, CancellationToken cancellation)
        {
            Items.TryRemove(item.Token, out _);
            return Task.FromResult(Outcome.Ok);
        }
    }
}
