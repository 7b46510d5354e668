using Dapper;
using Fury.Hosting;

namespace Fury.LittleMonster;

/// <summary>A line of a saga's journal as it was written.</summary>
internal sealed record JournalRow(
    int Seq, DateTime At, long Host, short Kind, short Step, int Attempt, DateTime? Began, float? Took, byte[]? Data);

/// <summary>Which sagas are read: the query, with states as they are stored.</summary>
/// <param name="Before">Ids below it only.</param>
internal sealed record SagaRange(SagaQuery Query, short[] Live, short[] Ended, long From, long Before, int Limit);

/// <summary>What people look at. Each member reads as of one moment.</summary>
internal sealed class DeskStore(IDatabase database)
{
    /// <summary>
    /// The live sagas are few enough to be looked through, backwards by id; what changes in them must not be indexed. The ended ones are
    /// read by an index that fits: by id, key, definition or for being undone. A stuck saga's fault is in its document, where few look.
    /// </summary>
    internal const string ListSql = """
        select p.id, coalesce(f.name, '#' || p.def) as name, p.ver, p.key, p.state,
               coalesce(f.manifest -> 'steps' -> p.step::int ->> 'name', '#' || p.step) as step,
               p.attempt, p.error, p.data, p.parent, p.started_at, p.ended_at
          from (
            (select s.id, s.def, s.ver, s.key, s.state, s.step, s.attempt, null::text as error,
                    case when s.state in (4, 5) then s.data end as data, s.parent, s.started_at, null::timestamptz as ended_at
               from lm.saga s
              where cardinality(@live::smallint[]) > 0 and s.state = any(@live) and s.id >= @from and s.id < @before
                and (@key::text is null or s.key like @key)
                and (@name::text is null or s.def = (select def from lm.definition where name = @name limit 1))
              order by s.id desc limit @limit)
            union all
            (select d.id, d.def, d.ver, d.key, d.outcome, d.step, d.attempt, d.error, null, d.parent, d.started_at, d.ended_at
               from lm.done d
              where cardinality(@ended::smallint[]) > 0 and d.outcome = any(@ended) and d.id >= @from and d.id < @before
                and (@key::text is null or d.key like @key)
                and (@name::text is null or d.def = (select def from lm.definition where name = @name limit 1))
              order by d.id desc limit @limit)) p
          left join lm.definition f on f.def = p.def and f.ver = p.ver
         order by p.id desc limit @limit
        """;

    /// <summary>The newest of the range, as they were last committed.</summary>
    public async Task<IReadOnlyList<SagaSummary>> List(SagaRange range, CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        var rows = await connection.QueryAsync<ListRow>(new CommandDefinition(ListSql, Parameters(range), cancellationToken: cancellation));
        return [.. rows.Select(row => row.ToSummary())];
    }

    private const string JournalSql = """
        select seq, at, host, kind, step, attempt, began, took, data from lm.journal where saga = @saga
        union all
        select seq, at, host, kind, step, attempt, began, took, data from lm.journal_kept where saga = @saga
         order by seq limit @limit
        """;

    public async Task<IReadOnlyList<JournalRow>> Journal(SagaId id, int limit, CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        var rows = await connection.QueryAsync<JournalRow>(
            new CommandDefinition(JournalSql, new { saga = id.Value, limit }, cancellationToken: cancellation));
        return rows.AsList();
    }

    internal static object Parameters(SagaRange range) => new
    {
        live = range.Live,
        ended = range.Ended,
        from = range.From,
        before = range.Before,
        key = range.Query.Key is { } key ? Beginning(key) : null,
        name = range.Query.Name,
        limit = range.Limit,
    };

    private static string Beginning(string key) => key.Replace(@"\", @"\\").Replace("%", @"\%").Replace("_", @"\_") + "%";

    private sealed record ListRow(
        long Id, string Name, short Ver, string Key, short State, string Step, int Attempt, string? Error, byte[]? Data, long? Parent,
        DateTime StartedAt, DateTime? EndedAt)
    {
        public SagaSummary ToSummary() => new(
            new SagaId(Id),
            Name,
            Ver,
            Key,
            (SagaState)State,
            Step,
            Attempt,
            Error ?? SagaCodec.FaultMessage(Data),
            Parent is { } parent ? new SagaId(parent) : null,
            new DateTimeOffset(StartedAt),
            EndedAt is { } ended ? new DateTimeOffset(ended) : null);
    }
}
