using System.Globalization;
using Fury.LittleMonster.Chaos;

namespace Fury.LittleMonster.Tests.Chaos;

/// <summary>What must be true of Little Monster's own record. Each rule is SQL that yields, saga by saga, what breaks it.</summary>
internal static class RecordRules
{
    // The clocks' distances are minutes; a deadline that is right is off by no more than a decision waits for its commit.
    private const int DeadlineSlackSeconds = 60;

    // A host that measures the database's clock across a pause is wrong by half of it, until it measures again.
    private const int MeasureSlackSeconds = 3;

    public static IReadOnlyList<(string Rule, string Sql)> All { get; } =
    [
        ("is still in lm.saga",
            "select id, format('state %s, step %s, direction %s, seq %s', state, step, dir, seq) from lm.saga"),
        ("is still asked for in lm.inbox",
            "select saga, format('kind %s, row %s', kind, id) from lm.inbox"),
        ("was promised to a caller and has not ended",
            "select k.saga, k.key from lm.start_key k where k.saga <> 0 and not exists (select from lm.done d where d.id = k.saga)"),
        ("has ended twice",
            "select id, count(*)::text from lm.done group by id having count(*) > 1"),
        ("has ended without having been started",
            "select id, key from lm.done d where not exists (select from lm.journal j where j.saga = d.id and j.seq = 1 and j.kind = 1)"),
        ("has a journal with gaps or repeats",
            """
            select saga, format('%s rows from %s to %s', count(*), min(seq), max(seq)) from lm.journal
             group by saga having min(seq) <> 1 or max(seq) <> count(*) or count(distinct seq) <> count(*)
            """),
        ("was started twice",
            "select saga, count(*)::text from lm.journal where kind = 1 group by saga having count(*) <> 1"),
        ("was written by an owner that had been replaced",
            """
            select saga, format('row %s has epoch %s after %s', seq, epoch, before) from (
              select saga, seq, epoch, lag(epoch) over (partition by saga order by seq) before from lm.journal) j
             where epoch < before
            """),
        ("has a step that was done twice",
            "select saga, format('step %s, %s times', step, count(*)) from lm.journal where kind = 2 group by saga, step having count(*) > 1"),
        ("was not undone in reverse",
            """
            select saga, format('row %s undoes step %s after %s', seq, step, before) from (
              select saga, seq, step, lag(step) over (partition by saga order by seq) before from lm.journal where kind = 5) j
             where step >= before
            """),
        ("ran while another of its key did",
            """
            select id, format('its first step was written before saga %s had ended', earlier) from (
              select d.id, lag(d.id) over one_by_one earlier, lag(d.ended_at) over one_by_one free_at,
                     (select min(j.at) from lm.journal j where j.saga = d.id and j.kind = 2) first_step
                from lm.done d window one_by_one as (partition by d.key order by d.ended_at)) d
             where first_step < free_at
            """),
        ("was given a deadline by a wrong clock",
            string.Create(CultureInfo.InvariantCulture, $"""
            select id, format('%s after its start', deadline - started_at) from lm.done
             where abs(extract(epoch from deadline - started_at) - {ChaosSaga.Deadline.TotalSeconds}) > {DeadlineSlackSeconds}
            """)),
        ("has not waited as long as it was told to",
            string.Create(CultureInfo.InvariantCulture, $"""
            select d.id, format('ended after %s', d.ended_at - d.started_at) from lm.done d join lm.definition n on n.def = d.def and n.ver = d.ver
             where n.name = '{InVainSaga.Name}'
               and extract(epoch from d.ended_at - d.started_at) < {InVainSaga.Timeout.TotalSeconds - MeasureSlackSeconds}
            """)),
    ];
}
