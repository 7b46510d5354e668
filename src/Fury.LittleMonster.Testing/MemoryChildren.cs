using Fury.Kernel;

namespace Fury.LittleMonster.Testing;

/// <summary>Starts of sagas, and what they are found by.</summary>
internal sealed partial class MemoryHost
{
    private const long FirstId = 4711;

    /// <summary>Who was started under a key; null when it is sealed.</summary>
    private readonly Dictionary<string, MemorySaga?> _starts = new(StringComparer.Ordinal);

    private SagaId NextId() => new(FirstId + _started.Count);

    private MemorySaga Admit(SagaDefinition definition, SagaRecord blank)
    {
        var live = new MemorySaga(Decide.Start(definition, blank, Now).Saga) { Definition = definition };
        _live.Add(live);
        _started.Add(live);
        Send(live, signal => signal.Early && definition.IndexOf(signal.Name) is not null);
        return live;
    }

    /// <summary>What a step with children is given. A crash at one of its points ends the call that it comes from.</summary>
    private sealed class MemoryChildren(MemoryHost host, MemorySaga parent) : IChildSagas
    {
        public Task<IReadOnlyList<ChildLook>> Look(Type child, IReadOnlyList<string> keys, bool seal, CancellationToken cancellation)
        {
            var definition = host._registry.Of(child);
            var sealing = seal ? keys.Select(key => Starter.StartKey(definition, key)).Where(key => !host._starts.ContainsKey(key)).ToList() : [];
            if (sealing.Count > 0)
            {
                Durably(() => sealing.ForEach(key => host._starts[key] = null));
            }

            return Task.FromResult<IReadOnlyList<ChildLook>>([.. keys.Index()
                .Select(key => (key.Index, Saga: host._starts.GetValueOrDefault(Starter.StartKey(definition, key.Item))))
                .Where(one => one.Saga is not null)
                .Select(one => Seen(one.Index, one.Saga!))]);
        }

        public Task<Outcome<SagaId>> Start(
            Type child, string key, ReadOnlyMemory<byte> input, StepCall call, CancellationToken cancellation)
        {
            var definition = host._registry.Of(child);
            var startKey = Starter.StartKey(definition, key);
            if (host._starts.TryGetValue(startKey, out var kept))
            {
                return Task.FromResult(Starter.Kept(
                    definition, key, kept?.Id ?? default, kept is not null && kept.Committed.Input.Span.SequenceEqual(input.Span)));
            }

            var blank = Starter.Prepare(definition, key, input, call, host.NextId(), host.Now, null);
            if (!blank.IsOk)
            {
                return Task.FromResult<Outcome<SagaId>>(blank.Fault);
            }

            if (definition.Key is not null && Above(call.Parent, blank.Value.Key) is { } above)
            {
                return Task.FromResult<Outcome<SagaId>>(Starter.WouldWait(definition, blank.Value.Key, above));
            }

            Durably(() => host._starts[startKey] = host.Admit(definition, blank.Value));
            return Task.FromResult<Outcome<SagaId>>(blank.Value.Id);
        }

        public Task<Outcome> Revert(SagaId child, string reason, CancellationToken cancellation)
        {
            Durably(() => host._live.Find(one => one.Id == child)!.Asked.Enqueue(new SagaEvent.RevertAsked(new SagaOrder("parent", reason))));
            return Task.FromResult(Outcome.Ok);
        }

        private SagaId? Above(SagaId? saga, string key)
        {
            while (host._live.Find(one => one.Id == saga) is { } live && live.Committed.Key != key)
            {
                saga = live.Committed.Parent;
            }

            return saga;
        }

        private static ChildLook Seen(int index, MemorySaga child)
        {
            var seen = child.Seen;
            return new(index, seen.Saga, child.Committed.State, seen.Error, seen.Output);
        }

        private void Durably(Action write)
        {
            if (host.Crashes(parent, SagaAct.Child, false))
            {
                throw new OperationCanceledException();
            }

            write();
            if (host.Crashes(parent, SagaAct.Child, true))
            {
                throw new OperationCanceledException();
            }
        }
    }
}
