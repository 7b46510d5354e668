using Fury.Sdk.Bindings;
using Fury.Sdk.Drivers;
using Fury.Sdk.Hosting;
using Fury.Sdk.KeyValue;
using Fury.Sdk.Local;
using Fury.Sdk.Moving;
using Fury.Sdk.Testing;

namespace Fury.Sdk.Tests.Moving;

/// <summary>Gates, steps, the copier and revisions, each by itself.</summary>
public sealed class MoveRulesTests
{
    private static readonly CapabilitySet Full = Attested(KeyValueCapabilities.Cas, KeyValueCapabilities.StrongRead, KeyValueCapabilities.TimeToLive);

    private readonly ManualTimeProvider _clock = new();
    private readonly (LocalKeyValue Source, LocalKeyValue Target) _stores = (new LocalKeyValue(), new LocalKeyValue());

    private MovingPair Pair => new(new MovingStore(_stores.Source), new MovingStore(_stores.Target));

    [Fact]
    public void A_target_that_lacks_what_is_required_or_was_not_attested_is_refused_with_all_that_is_wrong()
    {
        var few = CapabilitySet.Native(KeyValueCapabilities.Cas).Levels;
        var small = new CapabilitySet(few, new Dictionary<string, long> { ["value.max-bytes"] = 1000 }, DateTimeOffset.UnixEpoch);
        var large = new CapabilitySet(Full.Levels, new Dictionary<string, long> { ["value.max-bytes"] = 262_144 });

        Assert.Empty(MoveGates.Refusals([KeyValueCapabilities.TimeToLive], Full, Full, targetIsEmpty: true));
        Assert.Equal(["The target was not attested; let the probe run."], MoveGates.Refusals([], Full, CapabilitySet.Native(KeyValueCapabilities.Cas), true));
        Assert.Equal(
            [
                "The target was not attested to have 'kv.read-strong'.", "The target was not attested to have 'kv.ttl'.",
                "The target's value.max-bytes is 1,000, the source's 262,144.", "The target is not empty; give it another resource, or purge it.",
            ],
            MoveGates.Refusals([KeyValueCapabilities.TimeToLive, KeyValueCapabilities.Cas], large, small, targetIsEmpty: false));
    }

    [Fact]
    public async Task A_closed_gate_leaves_all_as_it_was()
    {
        var binding = Binding(1);
        var host = new Host();
        await _stores.Target.WriteAsync(Put("a", 1), CancellationToken.None);
        var move = DataMove.Of(new MoveOrder(binding, Route("target"), [], Full), _stores.Source, _stores.Target, host, new CopierOptions(), _clock);

        var refused = await Assert.ThrowsAsync<FuryException>(() => move.Advance(DataMove.Begin(binding), CancellationToken.None));

        Assert.Equal(FuryErrorCode.CapabilityNotSupported, refused.Code);
        Assert.Empty(host.Published);
    }

    [Fact]
    public async Task A_store_that_cannot_list_its_keys_is_named()
    {
        var silent = (IKeyValueDriver)InterceptedDriver.Wrap(_stores.Source, "carts", (call, next) =>
            call.Operation == nameof(IKeyValueDriver.KeysAsync) ? throw new NotSupportedException() : next());
        var move = DataMove.Of(new MoveOrder(Binding(1), Route("target"), [], Full), silent, _stores.Target, new Host(), new CopierOptions(), _clock);

        var refused = await Assert.ThrowsAsync<FuryException>(() => move.Advance(DataMove.Begin(Binding(1)), CancellationToken.None));

        Assert.Equal("'local' cannot list all of its keys, so a copier cannot go over them.", refused.Message);
    }

    [Fact]
    public void Steps_that_follow_each_other_are_of_neighbouring_phases()
    {
        Assert.Equal(
            [null, MovePhase.Preparing, MovePhase.Moving, MovePhase.Moving, MovePhase.Settling, null, null, null],
            Walk(MoveStep.Check, MoveStep.Moved).Select(MovePlan.Phase));
        Assert.Equal(
            [MovePhase.Holding, MovePhase.Returning, MovePhase.Returning, MovePhase.Preparing, null, null, null],
            Walk(MoveStep.Hold, MoveStep.Returned).Select(MovePlan.Phase));
        Assert.All(Enum.GetValues<MoveStep>(), step => Assert.True(MovePlan.Back(step) is null or MoveStep.Hold or MoveStep.SwitchBack));
        Assert.Null(MovePlan.Back(MoveStep.Switch));
    }

    [Fact]
    public async Task A_copier_goes_on_from_its_checkpoint_at_its_rate()
    {
        for (var key = 0; key < 100; key++)
        {
            await _stores.Source.WriteAsync(Put($"{key:d3}", key), CancellationToken.None);
        }

        List<MoveState> saved = [];
        var copier = new KeyCopier(Pair, new CopierOptions(PageSize: 10, KeysPerSecond: 5), _clock);
        var begun = _clock.GetUtcNow();
        await Assert.ThrowsAsync<InvalidOperationException>(() =>
            _clock.DriveAsync(copier.Copy(MovePhase.Moving, new MoveState("carts", MoveStep.Copy, 2), Save, default)));
        Assert.Equal(40, saved[^1].Keys);
        await _clock.DriveAsync(copier.Copy(MovePhase.Moving, saved[^1], Save, default));

        Assert.Equal((100, null), (saved[^1].Keys, saved[^1].Cursor));
        Assert.True(_clock.GetUtcNow() - begun >= TimeSpan.FromSeconds(16), $"{_clock.GetUtcNow() - begun}");
        Assert.Equal(new MoveVerification(100, 0, 0, 0), await copier.Verify(MovePhase.Moving, saved[^1], _ => default, default));

        ValueTask Save(MoveState state)
        {
            saved.Add(state);
            return saved.Count == 4 ? throw new InvalidOperationException("The copier dies.") : default;
        }
    }

    [Fact]
    public async Task What_was_not_handed_over_is_missing_or_was_changed_is_counted()
    {
        foreach (var key in new[] { "left", "missing", "changed", "whole" })
        {
            await _stores.Source.WriteAsync(Put(key, 1), CancellationToken.None);
        }

        var copier = new KeyCopier(Pair, new CopierOptions(), _clock);
        await copier.Copy(MovePhase.Moving, new MoveState("carts", MoveStep.Copy, 2), _ => default, default);
        await _stores.Source.WriteAsync(Put("left", 1), CancellationToken.None);
        await _stores.Target.WriteAsync(Put("missing", 1) with { Kind = KvStepKind.Delete }, CancellationToken.None);
        await _stores.Target.WriteAsync(Put("changed", 2), CancellationToken.None);

        var found = await copier.Verify(MovePhase.Moving, new MoveState("carts", MoveStep.Verify, 2), _ => default, default);
        Assert.Equal(new MoveVerification(4, 1, 1, 1), found);
    }

    [Fact]
    public async Task A_verification_goes_on_from_its_checkpoint_with_what_it_had_found()
    {
        for (var key = 0; key < 50; key++)
        {
            await _stores.Source.WriteAsync(Put($"{key:d3}", key), CancellationToken.None);
        }

        var looks = 0;
        var target = (IKeyValueDriver)InterceptedDriver.Wrap(_stores.Target, "carts", (call, next) =>
        {
            looks += call.Operation == nameof(IKeyValueDriver.GetAsync) ? 1 : 0;
            return next();
        });
        var pair = new MovingPair(new MovingStore(_stores.Source), new MovingStore(target));
        var copier = new KeyCopier(pair, new CopierOptions(PageSize: 10, AtOnce: 1), _clock);
        await copier.Copy(MovePhase.Moving, new MoveState("carts", MoveStep.Copy, 2), _ => default, default);
        await _stores.Target.WriteAsync(Put("003", 1) with { Kind = KvStepKind.Delete }, CancellationToken.None);
        await _stores.Target.WriteAsync(Put("007", 1), CancellationToken.None);
        looks = 0;

        List<MoveState> saved = [];
        await Assert.ThrowsAsync<InvalidOperationException>(() => copier.Verify(MovePhase.Moving, new MoveState("carts", MoveStep.Verify, 2), Save, default));
        Assert.Equal((20, "0.1.1:"), (saved[^1].Keys, saved[^1].Cursor![..6]));
        Assert.Equal(new MoveVerification(50, 0, 1, 1), await copier.Verify(MovePhase.Moving, saved[^1], Save, default));
        Assert.Equal((50, null), (saved[^1].Keys, saved[^1].Cursor));
        Assert.Equal(50, looks);

        ValueTask Save(MoveState state)
        {
            saved.Add(state);
            return saved.Count == 2 ? throw new InvalidOperationException("Who verifies dies.") : default;
        }
    }

    [Fact]
    public async Task A_revision_of_the_source_is_none_of_the_target_even_where_they_look_alike()
    {
        var provider = new LocalProvider(_clock);
        var need = new ServiceNeed(ServiceKind.KeyValue, "carts");
        var runtime = new FuryRuntime(_clock);
        runtime.Add(need, null);
        var channel = runtime.Find(need.Kind, need.Name)!.Channel;
        var binder = new Binder(provider.Factories, _clock, TimeSpan.FromSeconds(1));
        await binder.Bind(channel, need, Binding(1), default);
        var carts = runtime.KeyValue("carts");
        var old = await carts.SetAsync("a", new byte[] { 1 });
        await carts.SetAsync("kept", new byte[] { 1 });
        var kept = (await carts.GetAsync("kept"))!.ETag;

        await binder.Bind(channel, need, Binding(2) with { Move = new BindingMove(Route("target"), MovePhase.Moving) }, default);
        // What has not been written since still compares, though it has another provider by now.
        Assert.True((await carts.TrySetAsync("kept", new byte[] { 2 }, If(kept))).Applied);
        var moving = await carts.SetAsync("a", new byte[] { 2 }, If(old));
        var order = new MoveOrder(Binding(1), Route("target"), [], Full);
        var target = MovePlan.Binding(new MoveState("carts", MoveStep.Switch, 3), order.Binding, order.Target);
        await binder.Bind(channel, need, target, default);

        Assert.Equal(FuryErrorCode.PreconditionFailed, (await Assert.ThrowsAsync<FuryException>(() => carts.SetAsync("a", new byte[] { 3 }, If(old)))).Code);
        Assert.True((await carts.TrySetAsync("a", new byte[] { 3 }, If(moving))).Applied);
        Assert.False((await carts.TrySetAsync("a", new byte[] { 4 }, If(moving))).Applied);
        var now = (await carts.GetAsync("a"))!.ETag;
        Assert.True((await carts.TrySetAsync("a", new byte[] { 4 }, If(now))).Applied);

        static KvWriteOptions If(ETag tag) => new() { Condition = WriteCondition.IfMatch(tag) };
    }

    private static IEnumerable<MoveStep> Walk(MoveStep from, MoveStep to)
    {
        for (var step = from; step != to; step = MovePlan.Next(step))
        {
            yield return step;
        }

        yield return to;
    }

    private static CapabilitySet Attested(params Capability[] capabilities) =>
        new(CapabilitySet.Native(capabilities).Levels, attestedAt: DateTimeOffset.UnixEpoch);

    private static ServiceRoute Route(string resource) => new(LocalProvider.Name, "local", null, "local", resource);

    private static ServiceBinding Binding(long epoch) => new("carts", ServiceKind.KeyValue, epoch, Route("source"));

    private static KvStep Put(string key, int value) => new(
        KvStepKind.Put, key, new KvEnvelope(Guid.NewGuid(), 1, 0, 0).Wrap(BitConverter.GetBytes(value)), KvGuard.None, null);

    private sealed class Host : IMoveHost
    {
        public List<ServiceBinding> Published { get; } = [];

        public ValueTask PublishAsync(ServiceBinding binding, CancellationToken cancellation)
        {
            Published.Add(binding);
            return default;
        }

        public ValueTask WaitUntilInForceAsync(long epoch, CancellationToken cancellation) => default;

        public ValueTask SaveAsync(MoveState state, CancellationToken cancellation) => default;
    }
}
