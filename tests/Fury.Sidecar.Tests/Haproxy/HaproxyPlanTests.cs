using System.Collections.Immutable;
using Fury.Kernel;
using Fury.Sidecar.Haproxy;
using Fury.Sidecar.Routing;
using Xunit.Abstractions;

namespace Fury.Sidecar.Tests.Haproxy;

/// <summary>The decision what HAProxy is told, by itself.</summary>
public sealed class HaproxyPlanTests(ITestOutputHelper output)
{
    private const int BackendsMax = 12;

    private static readonly ScopeRef[] Scopes = [.. new[] { "web", "api", "batch" }.Select(name => ScopeRef.Parse($"shop/production-{name}"))];

    [Theory]
    [InlineData(1)]
    [InlineData(20261126)]
    public void After_any_history_it_has_what_it_is_to_have_and_no_step_on_the_way_leads_to_a_backend_without_a_server(int seed)
    {
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var (state, target, version) = (HaproxyState.Empty, HaproxyTarget.Unloaded, 0L);
        for (var round = 0; round < 400; round++)
        {
            var before = target;
            target = random.Next(4) == 0 ? Freed(target, random) : Updated(target, state, ref version, random);
            foreach (var command in HaproxyPlan.Next(state, target))
            {
                state = command.After(state);
                CheckStep(state, before, target, $"seed {seed}, round {round}, after {command.Text}");
            }

            Assert.Empty(HaproxyPlan.Next(state, target));
            CheckReached(state, target);
            state = Tidied(state, random);
        }
    }

    [Fact]
    public void A_step_of_weights_changes_the_slots_that_it_moves_and_nothing_else()
    {
        var (blue, green) = (World.Pool(), World.Pool());
        var before = Unloaded(Routes(99, 1));
        var state = Run(HaproxyState.Empty, before);

        var commands = HaproxyPlan.Next(state, before.After(new(2, false, [Routes(90, 10)]), BackendsMax, _ => false));

        Assert.Equal(9, commands.OfType<Command.SetEntry>().Count());
        Assert.IsType<Command.Pause>(commands[^1]);
        Assert.Equal(10, commands.Count);

        ScopeRoutes Routes(int first, int second) => new(
            Scopes[0], ["one.localhost"], [new(blue, first, [World.At(1)]), new(green, second, [World.At(2)])]);
    }

    [Fact]
    public void A_new_server_comes_before_the_slots_that_lead_to_it_and_an_old_one_goes_after()
    {
        var pool = World.Pool();
        var before = Unloaded(Routes([World.At(1)]));
        var state = Run(HaproxyState.Empty, before);

        var commands = HaproxyPlan.Next(state, before.After(new(2, false, [Routes([World.At(2)])]), BackendsMax, _ => false));

        Assert.Equal(
            ["add server pool-0/127.0.0.1:2 127.0.0.1:2 ", "set server pool-0/127.0.0.1:2 state ready", "set server pool-0/127.0.0.1:1 state maint"],
            commands.Select(command => command.Text.Split("pool-max-conn")[0]));

        ScopeRoutes Routes(IReadOnlyList<Endpoint> endpoints) => new(Scopes[0], ["one.localhost"], [new(pool, 100, endpoints)]);
    }

    [Fact]
    public void What_was_read_back_is_what_was_told_wherever_an_endpoint_is()
    {
        var target = Unloaded(new ScopeRoutes(
            Scopes[0], ["one.localhost"], [new(World.Pool(), 100, [World.At(1) with { Place = new("east", "one", "local") }])]));
        var told = Run(HaproxyState.Empty, target);
        var read = told with { Servers = told.Servers.ToImmutableDictionary(server => ServerAt.Parse(0, server.Key.Name), server => server.Value) };

        Assert.Empty(HaproxyPlan.Next(read, target));
    }

    [Theory]
    [InlineData("100", "100")]
    [InlineData("50,50", "50,50")]
    [InlineData("1,99", "1,99")]
    [InlineData("90,5", "95,5")]
    [InlineData("1,1,1", "34,33,33")]
    [InlineData("0,7", "0,100")]
    [InlineData("1,100000", "1,99")]
    [InlineData("9000,1000", "90,10")]
    [InlineData("25,9975", "1,99")]
    [InlineData("1250,8750", "13,87")]
    public void Weights_are_slots_of_a_hundred_and_what_has_weight_has_one(string weights, string expected)
    {
        List<(string To, long Weight)> shares = [.. weights.Split(',').Select((weight, index) => ($"pool-{index}", long.Parse(weight)))];

        var slots = Slots.Assign(new string?[Slots.Count], shares);

        Assert.Equal(expected, string.Join(',', shares.Select(share => slots.Count(slot => slot == share.To))));
    }

    /// <summary>Whatever a request looks up now, it is served, if there was or is to be anything to serve it.</summary>
    private static void CheckStep(HaproxyState state, HaproxyTarget before, HaproxyTarget target, string when)
    {
        var serving = state.Servers.Where(server => server.Value).Select(server => Backends.NameOf(server.Key.Backend)).ToHashSet();
        var reached = state.Entries.Where(entry => entry.Key.Map == HaproxyMap.Hosts && entry.Key.Key != HaproxyPlan.Loaded);
        foreach (var scope in reached.Select(entry => entry.Value))
        {
            var name = ScopeRef.Parse(scope);
            var isServed = IsServed(before, name) && IsServed(target, name);
            for (var slot = 0; slot < Slots.Count; slot++)
            {
                Assert.True(state.Entries.TryGetValue(HaproxyPlan.SlotOf(name, slot), out var to), $"{when}: {scope} has no slot {slot}");
                Assert.True(to.StartsWith('!') ? !isServed : serving.Contains(to), $"{when}: slot {slot} of {scope} leads to {to}");
            }
        }
    }

    private static bool IsServed(HaproxyTarget target, ScopeRef scope) =>
        target.Scopes.GetValueOrDefault(scope)?.Pools.Any(pool => pool.Endpoints.Count > 0) == true;

    private static void CheckReached(HaproxyState state, HaproxyTarget target)
    {
        foreach (var scope in target.Scopes.Values)
        {
            var open = scope.Pools.Where(pool => pool.Endpoints.Count > 0).ToList();
            var weighted = open.Where(pool => pool.Weight > 0).ToList();
            var slots = Enumerable.Range(0, Slots.Count).Select(slot => state.Entries[HaproxyPlan.SlotOf(scope.Scope, slot)]).ToList();
            var to = (weighted.Count > 0 ? weighted : open).Select(pool => Backends.NameOf(target.Backends[pool.Pool]));
            Assert.Equal(
                to.DefaultIfEmpty(scope.Pools.Count == 0 ? HaproxyPlan.NoPool : HaproxyPlan.NoEndpoint).Order(), slots.Distinct().Order());
            if (weighted.Sum(pool => pool.Weight) == Slots.Count)
            {
                Assert.All(weighted, pool => Assert.Equal(pool.Weight, slots.Count(slot => slot == Backends.NameOf(target.Backends[pool.Pool]))));
            }
        }

        var servers = target.Routed.SelectMany(pool => pool.Endpoints.Select(endpoint => new ServerAt(target.Backends[pool.Pool], endpoint))).ToHashSet();
        Assert.All(servers, server => Assert.True(state.Servers[server]));
        var routed = target.Routed.Select(pool => target.Backends[pool.Pool]).ToHashSet();
        Assert.All(state.Servers.Where(server => server.Value && routed.Contains(server.Key.Backend)), server => Assert.Contains(server.Key, servers));
        Assert.All(
            state.Servers.Where(server => server.Value), server => Assert.Contains(server.Key.Backend, target.Backends.Values));
    }

    private static HaproxyTarget Updated(HaproxyTarget target, HaproxyState state, ref long version, Random random)
    {
        var changed = Scopes.Where(_ => random.Next(2) == 0).ToList();
        var gone = changed.Where(_ => random.Next(6) == 0).ToList();
        var update = new RoutingUpdate(
            ++version, Whole: random.Next(8) == 0, [.. changed.Except(gone).Select(scope => Routes(scope, target, random))])
        { Gone = gone };
        try
        {
            return target.After(update, BackendsMax, backend => state.Servers.Keys.Any(server => server.Backend == backend));
        }
        catch (HaproxyRefusalException)
        {
            return target; // No room, and nothing changes.
        }
    }

    /// <summary>Pools that were there, new ones, any weights and endpoints, any rule that is looked up.</summary>
    private static ScopeRoutes Routes(ScopeRef scope, HaproxyTarget target, Random random)
    {
        var kept = target.Scopes.GetValueOrDefault(scope)?.Pools.Select(pool => pool.Pool).Where(_ => random.Next(3) > 0) ?? [];
        PoolId[] pools = [.. kept, .. Enumerable.Range(0, random.Next(2)).Select(_ => World.Pool())];
        var first = pools.Length < 2 ? 100 : random.Next(101);
        return new(scope, [$"{scope.Scope}.localhost"], [.. pools.Index().Select(pool => new WeightedPool(
            pool.Item,
            pool.Index == 0 ? first : pool.Index == 1 ? 100 - first : 0,
            [.. Enumerable.Range(1, 3).Where(_ => random.Next(2) == 0).Select(World.At)]))])
        {
            Rules = new TrafficRules(random.Next(2) == 0 ? null : TimeSpan.FromSeconds(random.Next(1, 5)))
            {
                Previews = [.. pools.Where(_ => random.Next(3) == 0)],
            },
        };
    }

    private static HaproxyTarget Freed(HaproxyTarget target, Random random) => target.Free([.. target.Backends.Keys.Where(_ => random.Next(2) == 0)]);

    /// <summary>Some of the stopped servers have let go of their connections.</summary>
    private static HaproxyState Tidied(HaproxyState state, Random random) => state.Servers
        .Where(server => !server.Value && random.Next(2) == 0)
        .Aggregate(state, (left, server) => new Command.RemoveServer(server.Key).After(left));

    private static HaproxyTarget Unloaded(ScopeRoutes routes) => HaproxyTarget.Unloaded.After(new(1, true, [routes]), BackendsMax, _ => false);

    private static HaproxyState Run(HaproxyState state, HaproxyTarget target) =>
        HaproxyPlan.Next(state, target).Aggregate(state, (now, command) => command.After(now));
}
