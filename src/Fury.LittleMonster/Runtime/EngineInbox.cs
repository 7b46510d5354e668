using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Fury.LittleMonster;

/// <summary>What anyone has asked for, through the inbox. A row is taken away by the very commit that it causes.</summary>
internal sealed partial class Engine
{
    /// <summary>Requests taken in at a time.</summary>
    public const int InboxRowsMax = 500;

    /// <summary>The safety net for wakes that were lost.</summary>
    public static readonly TimeSpan InboxPeriod = TimeSpan.FromSeconds(1);

    private readonly ITimer _inboxTimer;
    private readonly HashSet<long> _taken = [];
    private List<long> _usedUp = [];
    private bool _taking;
    private bool _takeAgain;
    private bool _skipped;

    /// <summary>There may be something in the inbox.</summary>
    public void WakeInbox() => Post(TakeIn);

    private void Tick()
    {
        TakeIn();
        Measure();
    }

    private void TakeIn()
    {
        if (_taking || _owned.Count == 0)
        {
            _takeAgain = _taking;
            return;
        }

        _taking = true;
        _takeAgain = false;
        var (shards, known, used) = (_owned.Except(_draining).Order().ToArray(), _taken.ToArray(), _usedUp);
        _usedUp = [];
        _ = Schedulers.Run(_parts.Schedulers.Engine, () => Read(shards, known, used));
    }

    private async Task Read(short[] shards, long[] known, List<long> used)
    {
        IReadOnlyList<InboxRow> rows = [];
        try
        {
            rows = await _parts.Store.Inbox(shards, known, InboxRowsMax, _stopping.Token);
        }
        catch (Exception exception) when (Database.MayPass(exception))
        {
            // The next period is the retry.
            _parts.Log.LogDebug(exception, "The inbox could not be read");
        }

        Post(() =>
        {
            // These were gone from the table before it was read, so they can never come back.
            _taken.ExceptWith(used);
            _taking = false;
            foreach (var row in rows.Where(row => _owned.Contains(row.Shard) && !_draining.Contains(row.Shard)))
            {
                try
                {
                    Take(row);
                }
                catch (Exception exception) when (exception is JsonException or NotSupportedException)
                {
                    // It stays in the table for a person to see, and is not looked at again in this incarnation.
                    _parts.Log.LogError(exception, "Row {Row} of the inbox, for saga {Saga}, cannot be read", row.Id, row.Saga);
                }
            }

            if (_takeAgain || rows.Count == InboxRowsMax)
            {
                TakeIn();
            }
        });
    }

    private void Take(InboxRow row)
    {
        var id = new SagaId(row.Saga);
        if (_startingIds.Contains(id))
        {
            // What is asked of it waits until it is there.
            _skipped = true;
            return;
        }

        if (!_taken.Add(row.Id))
        {
            return;
        }

        if (row.Kind == (short)InboxKind.Start)
        {
            var request = StartRequest.Read(row.Payload);
            Begin(
                Registry.Find(request.Name, request.Version),
                request.Blank(id, Now),
                saga => new StartRow(saga, request.Definition, null, null),
                row.Id,
                _ => { });
        }
        else if (_live.TryGetValue(id, out var live))
        {
            Handle(live, Inbox.Event(row), row.Id);
        }
        else if (row.Kind == (short)InboxKind.Revert)
        {
            _starting[row.Shard] = _starting.GetValueOrDefault(row.Shard) + 1;
            _startingIds.Add(id);
            _ = Schedulers.Run(_parts.Schedulers.Engine, () => FindEnded(row, id));
        }
        else
        {
            UseUp(row.Shard, row.Id);
        }
    }

    private void TakeInSkipped()
    {
        if (_skipped)
        {
            _skipped = false;
            TakeIn();
        }
    }

    private async Task FindEnded(InboxRow row, SagaId id)
    {
        SagaRow? ended = null;
        var read = false;
        try
        {
            ended = await _parts.Store.Find(id, _stopping.Token);
            read = true;
        }
        catch (Exception exception) when (Database.MayPass(exception))
        {
            _parts.Log.LogDebug(exception, "Saga {Saga} could not be read to be reverted", id);
        }

        Post(() =>
        {
            Settle(row.Shard, id);
            if (!read)
            {
                _taken.Remove(row.Id); // The next period is the retry.
            }
            else if (!Revive(ended, row))
            {
                UseUp(row.Shard, row.Id);
            }

            Release(row.Shard);
            TakeInSkipped();
        });
    }

    /// <summary>
    /// Brings a saga that has completed back to life, to undo its steps. False when it is not one that can be. One that is not known here stays
    /// as it is, and so does the request, until a host comes that knows it.
    /// </summary>
    private bool Revive(SagaRow? ended, InboxRow row)
    {
        if (ended is not { Saga: var saga })
        {
            return false;
        }

        Decision decision;
        try
        {
            var definition = Registry.Resolve(saga.Name, saga.Version)
                ?? throw new InvalidOperationException($"Saga {saga.Name} version {saga.Version} is not known here.");
            var asked = Inbox.Event(row);
            var isOlder = asked is SagaEvent.RevertAsked && definition.Version != saga.Version;
            decision = Decide.Next(
                definition,
                saga,
                isOlder ? (SagaEvent.RevertAsked)asked with { OldSteps = Registry.StepsOf(saga.Name, saga.Version) } : asked,
                Now,
                0);
        }
#pragma warning disable CA1031 // A definition's own functions (upgrade) may throw; that is one saga's trouble.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _parts.Log.LogError(exception, "Saga {Saga} ({Name}) is to be undone and cannot be here", saga.Id, saga.Name);
            return true;
        }

        if (decision.Write is not { Revive: true } write)
        {
            return false;
        }

        Enter(decision.Saga, null, write, row.Id, result =>
        {
            if (result is CommitResult.Committed && decision.Saga is { IsFinal: true, Parent: { } parent })
            {
                Nudge(parent, () => _parts.NudgeElsewhere(parent));
            }
        });
        return true;
    }

    /// <summary>Takes an inbox row away that changes nothing.</summary>
    private void UseUp(short shard, long? inbox)
    {
        if (inbox is { } row)
        {
            Commit(new CommitItem { Saga = Inbox.Nobody(shard), Inbox = [row], Ended = _ => Post(() => UsedUp(row)) });
        }
    }

    private void UsedUp(long? inbox)
    {
        if (inbox is { } row)
        {
            _usedUp.Add(row);
        }
    }
}
