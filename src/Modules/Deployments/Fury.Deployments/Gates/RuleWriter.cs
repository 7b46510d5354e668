using Dapper;
using Fury.Hosting;
using Fury.Kernel;

namespace Fury.Deployments.Gates;

/// <summary>A line of the record that is kept of rules.</summary>
/// <param name="Revision">1 for the first; gapless.</param>
/// <param name="Rule">What was changed, e.g. <c>freeze christmas</c>.</param>
/// <param name="Text">What has become of it, in one sentence.</param>
internal sealed record RuleChange(long Revision, DateTimeOffset At, string By, string Rule, string Text, string? Reason);

/// <param name="Change">What is to be put on record; null when all is as it was.</param>
/// <param name="IsNew">It was not there before.</param>
internal sealed record Written<T>(T Value, (string By, string Rule, string Text, string? Reason)? Change = null, bool IsNew = false);

/// <summary>
/// How rules change: one after the other, each with a line on record. When a change returns, this host goes by it; the others are told, and do so within a
/// second.
/// </summary>
internal sealed class RuleWriter(IDatabase database, RuleBook book, IWake wake, TimeProvider clock)
{
    private const string LockSql = "select revision from deployments.rules for update";

    private const string RecordSql = """
        with next as (update deployments.rules set revision = revision + 1 returning revision)
        insert into deployments.rule_change (revision, at, made_by, rule, text, reason)
        select revision, @at, @by, @rule, @text, @reason from next
        """;

    private const string ListSql = """
        select revision, at, made_by, rule, text, reason
          from deployments.rule_change
         where @before::bigint is null or revision < @before
         order by revision desc
         limit @limit
        """;

    /// <summary>Runs <paramref name="work"/> while no other rule is changed. It may count on what it reads.</summary>
    public async Task<Outcome<Written<T>>> Write<T>(
        Func<ITransaction, DateTimeOffset, Task<Outcome<Written<T>>>> work, CancellationToken cancellation)
    {
        var outcome = await database.Transaction<Written<T>>(
            async transaction =>
            {
                // What is answered now is what is read later: PostgreSQL keeps microseconds.
                var now = clock.GetUtcNow();
                now = now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond));
                await transaction.Connection.ExecuteAsync(new CommandDefinition(LockSql, transaction: transaction.Inner, cancellationToken: cancellation));
                var written = await work(transaction, now);
                if (written is { IsOk: true, Value.Change: var (by, rule, text, reason) })
                {
                    var line = new { at = now.UtcDateTime, by, rule, text, reason };
                    await transaction.Connection.ExecuteAsync(
                        new CommandDefinition(RecordSql, line, transaction.Inner, cancellationToken: cancellation));
                }

                return written;
            },
            cancellation);
        if (outcome is { IsOk: true, Value.Change: not null })
        {
            await book.Refresh(cancellation);
            wake.Reconciler(RuleBook.ReconcilerName);
        }

        return outcome;
    }

    /// <summary>Newest first, those before <paramref name="before"/>.</summary>
    public async Task<IReadOnlyList<RuleChange>> List(long? before, int limit, CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        var rows = await connection.QueryAsync<Row>(new CommandDefinition(ListSql, new { before, limit }, cancellationToken: cancellation));
        return [.. rows.Select(row => new RuleChange(row.Revision, new(row.At), row.MadeBy, row.Rule, row.Text, row.Reason))];
    }

    private sealed record Row(long Revision, DateTime At, string MadeBy, string Rule, string Text, string? Reason);
}
