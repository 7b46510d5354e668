using System.Text.Json;
using Fury.Kernel;

namespace Fury.LittleMonster;

/// <summary>Lists and timelines: what the database has, and over it what only the memory of this host knows.</summary>
internal sealed class SagaDesk(DeskStore store, SagaRequests requests, SagaFinder finder, SagaRegistry registry, MonsterHost host) : ISagaDesk
{
    /// <summary>Rows looked at for one page. More can be needed where only memory tells which ones are wanted.</summary>
    public const int LooksMax = 10_000;

    public async Task<Outcome<Page<SagaSummary>>> List(SagaQuery query, CancellationToken cancellation)
    {
        if (Problem(query) is { } bad)
        {
            return bad;
        }

        var found = new List<SagaSummary>();
        var range = Range(query);
        for (var looks = 0; looks < LooksMax; looks += range.Limit)
        {
            // The first look finds a whole page, but where memory has the last word.
            range = looks == 0 ? range : range with { Limit = PageQuery.LimitMax };
            var rows = await store.List(range, cancellation);
            found.AddRange((await AsTheyAre(rows)).Where(one => query.States is not { Count: > 0 } states || states.Contains(one.State)));
            if (found.Count > query.Limit || rows.Count < range.Limit)
            {
                return Page<SagaSummary>.Of(found, query.Limit, one => one.Id.ToString());
            }

            range = range with { Before = rows[^1].Id.Value };
        }

        return new Page<SagaSummary>(found, new SagaId(range.Before).ToString());
    }

    public async Task<Outcome<SagaTimeline>> Timeline(SagaId id, CancellationToken cancellation)
    {
        // Memory first: what it had not written then is either still unwritten, or among the rows that are read after it.
        var live = host.Engine is { } engine ? await engine.Find(id) : null;
        var view = live is null ? await finder.Find(id, cancellation) : finder.View(live, null);
        if (!view.IsOk)
        {
            return view.Fault;
        }

        var rows = await store.Journal(id, SagaTimeline.EntriesMax + 1, cancellation);
        var entries = Written(view.Value, rows.Take(SagaTimeline.EntriesMax)).ToList();
        var truncated = rows.Count > SagaTimeline.EntriesMax;
        if (live is { Unwritten.Count: > 0 } && !truncated && (rows.Count == 0 || rows[^1].Seq <= live.Seq))
        {
            entries.AddRange(live.Unwritten.Select(entry => Unwritten(view.Value, entry)));
        }

        return new SagaTimeline(view.Value, entries, truncated);
    }

    public Task<Outcome> Retry(SagaId id, DeskOrder order, CancellationToken cancellation) => requests.Retry(id, order, cancellation);

    public Task<Outcome> Skip(SagaId id, DeskOrder order, JsonElement? result, CancellationToken cancellation) =>
        requests.Skip(id, order, result, cancellation);

    public Task<Outcome> Cancel(SagaId id, DeskOrder order, CancellationToken cancellation) => requests.Cancel(id, order, null, cancellation);

    private static Fault? Problem(SagaQuery query)
    {
        var validation = new Validation();
        validation.Require(query.After is null || SagaId.TryParse(query.After, out _), query.After, "the next of the page before", "after");
        validation.Limit(query.Limit);
        validation.Require(IsText(query.Key, Starter.ConcurrencyKeyLengthMax), query.Key, $"at most {Starter.ConcurrencyKeyLengthMax} characters", "key");
        validation.Require(IsText(query.Name, NameLengthMax), query.Name, $"the name of a definition, at most {NameLengthMax} characters", "name");
        return validation.Fault;
    }

    private const int NameLengthMax = 80;

    private static bool IsText(string? text, int lengthMax) =>
        text is null || (text.Length <= lengthMax && !text.Contains('\0', StringComparison.Ordinal));

    internal static SagaRange Range(SagaQuery query)
    {
        var wanted = query.States is { Count: > 0 } states ? states : Enum.GetValues<SagaState>();
        var stored = wanted.SelectMany(Stored).Distinct().ToList();
        return new SagaRange(
            query,
            [.. stored.Where(state => !IsFinal(state)).Select(state => (short)state)],
            [.. stored.Where(IsFinal).Select(state => (short)state)],
            query.StartedAfter is { } after ? SagaIdMint.FirstOf(after).Value : 0,
            Math.Min(
                query.After is { } last ? SagaId.Parse(last).Value : long.MaxValue,
                query.StartedBefore is { } before ? SagaIdMint.FirstOf(before).Value : long.MaxValue),
            query.Limit + 1);
    }

    private static bool IsFinal(SagaState state) => state is SagaState.Completed or SagaState.Compensated;

    /// <summary>What the row of a saga may say that is in this state.</summary>
    private static SagaState[] Stored(SagaState state) => state switch
    {
        // A pause is not written down.
        SagaState.Retrying => [SagaState.Running, SagaState.Waiting],
        // Whether somebody knows the definition is no matter of the row.
        SagaState.Parked => [SagaState.Running, SagaState.Waiting, SagaState.Undoing, SagaState.Stuck],
        _ => [state],
    };

    private async Task<IEnumerable<SagaSummary>> AsTheyAre(IReadOnlyList<SagaSummary> rows)
    {
        SagaId[] live = [.. rows.Where(row => row.EndedAt is null).Select(row => row.Id)];
        var here = live.Length > 0 && host.Engine is { } engine ? await engine.Find(live) : null;
        return rows.Select(row => here?.GetValueOrDefault(row.Id) is { } saga ? Summary(saga)
            : row.EndedAt is null && registry.Resolve(row.Name, row.Version) is null ? row with { State = SagaState.Parked }
            : row);
    }

    private SagaSummary Summary(SagaRecord saga) => new(
        saga.Id,
        saga.Name,
        saga.Version,
        saga.Key,
        saga.State,
        registry.StepName(saga.Name, saga.Version, saga.Step),
        saga.Attempt,
        saga.Fault?.Message,
        saga.Parent,
        saga.StartedAt,
        null);

    /// <summary>The lines in front of an upgrade speak of the steps of the version that the saga had then.</summary>
    private IEnumerable<TimelineEntry> Written(SagaView saga, IEnumerable<JournalRow> rows)
    {
        var lines = rows.Select(row => (Row: row, Data: Json(row.Data))).ToList();
        var upgrade = lines.Find(line => line.Row.Kind == (short)JournalKind.Upgraded);
        var version = upgrade.Data?.GetProperty("from").GetInt32() ?? saga.Version;
        foreach (var (row, data) in lines)
        {
            yield return new TimelineEntry(
                row.Seq,
                new DateTimeOffset(row.At),
                row.Host,
                (JournalKind)row.Kind,
                registry.StepName(saga.Name, version, row.Step),
                row.Attempt,
                row.Began is { } began ? new DateTimeOffset(began) : null,
                row.Took is { } took ? Math.Round(took * 1000.0, 3) : null,
                data);
            version = row.Kind == (short)JournalKind.Upgraded ? data!.Value.GetProperty("to").GetInt32() : version;
        }
    }

    private TimelineEntry Unwritten(SagaView saga, JournalEntry entry) => new(
        null,
        entry.Time is { } time ? time.Began + time.Took : host.Clock.Now,
        host.Engine?.Host ?? 0,
        entry.Kind,
        registry.StepName(saga.Name, saga.Version, entry.Step),
        entry.Attempt,
        entry.Time?.Began,
        entry.Time is { } call ? Math.Round(call.Took.TotalMilliseconds, 3) : null,
        Json(entry.Data));

    private static JsonElement? Json(ReadOnlyMemory<byte> data) => data.IsEmpty ? null : JsonSerializer.Deserialize<JsonElement>(data.Span);
}
