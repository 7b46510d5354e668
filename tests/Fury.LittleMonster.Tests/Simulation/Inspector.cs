using System.Collections.Immutable;

namespace Fury.LittleMonster.Tests.Simulation;

/// <summary>Looks at every commit, as it happens, for what must never be.</summary>
internal sealed class Inspector(Simulator simulator, SimulatedPostgres database, SimulatedCloud cloud, IReadOnlyList<SagaDefinition> definitions, Story story)
    : ICommitWatch
{
    private readonly Dictionary<long, History> _histories = [];
    private readonly Dictionary<(string, int), SagaDefinition> _definitions = definitions.ToDictionary(one => (one.Name, one.Version));
    private readonly Dictionary<long, List<long>> _children = [];

    public int Commits { get; private set; }

    public void Written(HostTuple host, CommitItem item, SagaTuple? before, SagaTuple after, IReadOnlyList<JournalTuple> journal)
    {
        Commits++;
        simulator.Note(after.Id, after.Seq);
        if (story.IsTold)
        {
            var lines = string.Join(' ', journal.Select(row => $"{row.Kind}@{row.Step}"));
            story.Tell(host.Name, $"{after.Id} shard {after.Shard} {after.State} {after.Seq}: {lines}");
        }

        var history = HistoryOf(after);
        Owner(host, after);
        if (before is null && history.Seq > 0)
        {
            simulator.Violated($"Saga {after.Id}, which has ended, is started again");
        }

        if (before is not null && journal.Count == 0 && !(history.WasParked && history.Done.Count == 0))
        {
            simulator.Violated($"Saga {after.Id} was written though nothing had happened to it, in state {before.State}");
        }

        if (before is null && after.Parent is { } parent && database.Ended.GetValueOrDefault(parent) is { State: SagaState.Compensated } && !WasSkipped(parent))
        {
            simulator.Violated($"Saga {after.Id} is started as a child of saga {parent}, which is undone");
        }

        history.WasParked |= after.State is SagaState.Parked;
        var definition = _definitions[(item.Saga.Name, item.Saga.Version)];
        foreach (var row in journal)
        {
            Line(history, definition, after, row);
        }

        if (after.Seq != history.Seq)
        {
            simulator.Violated($"Saga {after.Id} is at {after.Seq} and its journal at {history.Seq}");
        }

        Results(history, item.Saga, journal);
        State(history, definition, item.Saga, after);
        if (item.Saga.IsFinal)
        {
            cloud.Ended(after);
        }
    }

    public void UsedUp(HostTuple host, InboxRow row, IReadOnlySet<long> written)
    {
        simulator.Note(row.Id);
        var (kind, live) = ((InboxKind)row.Kind, database.Live.GetValueOrDefault(row.Saga));
        if (kind is InboxKind.Start ? database.Find(row.Saga) is null
            : kind is InboxKind.Revert && database.Ended.GetValueOrDefault(row.Saga) is { State: SagaState.Completed } ? true
            : live is not null && !written.Contains(row.Saga) && !(kind is InboxKind.Revert && live.Undoing))
        {
            simulator.Violated($"Request {row.Id} ({kind}) to saga {row.Saga} was taken away by host {host.Id} without any effect");
        }
    }

    /// <summary>At the end: the ledger says of everything that was asked for what became of it.</summary>
    public void Judge()
    {
        foreach (var resource in database.Resources.Where(one => !WasSkipped(one.Saga)))
        {
            var saga = database.Find(resource.Saga);
            var right = saga?.State is SagaState.Completed ? LedgerState.Live : LedgerState.Gone;
            if (resource.State != right)
            {
                simulator.Violated($"Saga {resource.Saga} is {saga?.State}, and the ledger has what its step {resource.Step} made as {resource.State}");
            }
        }
    }

    private bool WasSkipped(long saga) => _histories[saga].Skipped.Count > 0;

    private History HistoryOf(SagaTuple row)
    {
        if (!_histories.TryGetValue(row.Id, out var history))
        {
            _histories[row.Id] = history = new History();
            if (row.Parent is { } parent)
            {
                if (!_children.TryGetValue(parent, out var children))
                {
                    _children[parent] = children = [];
                }

                children.Add(row.Id);
            }
        }

        return history;
    }

    private void Owner(HostTuple host, SagaTuple row)
    {
        if (host.Dead)
        {
            simulator.Violated($"{host.Name} (host {host.Id}) was declared dead and has written saga {row.Id}");
        }

        if (database.OwnerOf(row.Shard) != host.Id)
        {
            simulator.Violated($"Host {host.Id} has written saga {row.Id}, whose shard {row.Shard} is host {database.OwnerOf(row.Shard)}'s");
        }
    }

    private void Line(History history, SagaDefinition definition, SagaTuple saga, JournalTuple row)
    {
        if (row.Seq != history.Seq + 1)
        {
            simulator.Violated($"The journal of saga {saga.Id} has {row.Seq} ({row.Kind}) after {history.Seq}");
        }

        if (row.Fence < history.Fence)
        {
            simulator.Violated($"Saga {saga.Id} was written under fence {row.Fence} after {history.Fence}");
        }

        (history.Seq, history.Fence) = (row.Seq, row.Fence);
        var step = row.Step < definition.Steps.Count ? definition.Steps[row.Step].Name : "";
        switch (row.Kind)
        {
            case JournalKind.StepDone when !history.Done.Add(step):
                simulator.Violated($"Step '{step}' of saga {saga.Id} was recorded as done twice");
                break;
            case JournalKind.Failed or JournalKind.Reverted:
                history.UndoNext = Undoable(definition, row.Step);
                break;
            case JournalKind.Undone or JournalKind.Skipped when history.UndoNext is { } next:
                if (row.Step != next)
                {
                    simulator.Violated($"Saga {saga.Id} has undone step {row.Step} ('{step}') when it was the turn of step {next}");
                }

                history.UndoNext = Undoable(definition, row.Step - 1);
                break;
            case JournalKind.Upgraded:
                history.UndoNext = saga.Undoing ? Undoable(definition, saga.Step) : null;
                break;
        }

        if (row.Kind is JournalKind.Skipped)
        {
            history.Skipped.Add(step);
        }
    }

    private static int Undoable(SagaDefinition definition, int from)
    {
        var index = from;
        while (index >= 0 && definition.Steps[index].Undo is null)
        {
            index--;
        }

        return index;
    }

    private void Results(History history, SagaRecord saga, IReadOnlyList<JournalTuple> journal)
    {
        if (!journal.Any(row => row.Kind is JournalKind.Upgraded))
        {
            foreach (var (step, result) in history.Results)
            {
                if (!saga.Results.TryGetValue(step, out var now) || !(now.Equals(result) || now.Span.SequenceEqual(result.Span)))
                {
                    simulator.Violated($"The result of step '{step}' of saga {saga.Id} was recorded and has changed");
                }
            }
        }

        history.Results = saga.Results;
    }

    private void State(History history, SagaDefinition definition, SagaRecord saga, SagaTuple after)
    {
        switch (after.State)
        {
            case SagaState.Stuck:
                var step = definition.Steps[after.Step];
                if (saga.Fault is null)
                {
                    simulator.Violated($"Saga {after.Id} is stuck and does not say why");
                }

                if (!after.Undoing && step.Effect is not Effect.Once && after.Step < definition.Pivot)
                {
                    simulator.Violated($"Saga {after.Id} is stuck at '{step.Name}', which can be undone: {saga.Fault}");
                }

                break;
            case SagaState.Completed:
                Things(history, definition, after, live: true);
                break;
            case SagaState.Compensated:
                if (history.UndoNext is not -1)
                {
                    simulator.Violated($"Saga {after.Id} counts as undone before step {history.UndoNext} was");
                }

                Things(history, definition, after, live: false);
                Children(history, after);
                break;
        }
    }

    /// <summary>Of a saga that has ended, all its things are there, or none.</summary>
    private void Things(History history, SagaDefinition definition, SagaTuple saga, bool live)
    {
        foreach (var step in definition.Steps.Where(step => step is { Kind: StepKind.Call, Effect: not Effect.Pure }))
        {
            var wanted = live && history.Results.ContainsKey(step.Name);
            var isLive = cloud.Find(saga.Id, step.Name)?.IsLive == true;
            if (isLive != wanted && !history.Skipped.Contains(step.Name))
            {
                simulator.Violated($"Saga {saga.Id} is {saga.State}, and the thing of its step '{step.Name}' is {(isLive ? "still there" : "not there")}");
            }
        }
    }

    private void Children(History history, SagaTuple parent)
    {
        foreach (var child in _children.GetValueOrDefault(parent.Id) ?? [])
        {
            if (database.Find(child) is not { State: SagaState.Compensated } && history.Skipped.Count == 0)
            {
                simulator.Violated($"Saga {parent.Id} is undone, and its child {child} is {database.Find(child)?.State}");
            }
        }
    }

    /// <summary>What the journal of one saga has said so far.</summary>
    private sealed class History
    {
        public int Seq { get; set; }

        public long Fence { get; set; }

        public HashSet<string> Done { get; } = new(StringComparer.Ordinal);

        public HashSet<string> Skipped { get; } = new(StringComparer.Ordinal);

        /// <summary>A host that does not know it has written it down; one that does will enter its first step.</summary>
        public bool WasParked { get; set; }

        /// <summary>Which step must be undone next; -1 when none is left, null while the saga goes forward.</summary>
        public int? UndoNext { get; set; }

        public ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> Results { get; set; } = ImmutableSortedDictionary<string, ReadOnlyMemory<byte>>.Empty;

    }
}
