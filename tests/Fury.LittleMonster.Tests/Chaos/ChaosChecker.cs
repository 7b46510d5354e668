using System.Globalization;
using Dapper;
using Fury.LittleMonster.Chaos;
using Npgsql;

namespace Fury.LittleMonster.Tests.Chaos;

/// <summary>
/// Compares, when all is over, what callers were told, what Little Monster has on record, and what is in the world. Says each violation in
/// a sentence, and of the first ones all that is known.
/// </summary>
internal sealed class ChaosChecker(NpgsqlDataSource database, WorldRecord world, IReadOnlyList<ChaosOrder> orders, ChaosStarts starts)
{
    private const int LinesPerRule = 5;
    private const int StoriesMax = 3;

    // States of a ledger row, as lm.resource has them.
    private const short Live = 2;
    private const short Gone = 4;

    private sealed record Violation(long? Saga, string What);

    /// <summary>Nothing will happen any more: nothing is asked for, and what is still live is stuck.</summary>
    public static async Task<bool> AllEnded(NpgsqlDataSource database, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"""
            select not exists (select from lm.saga where state <> {(int)SagaState.Stuck}) and not exists (select from lm.inbox)
            """);
        return (bool)(await command.ExecuteScalarAsync(cancellation))!;
    }

    public async Task<IReadOnlyList<string>> Violations()
    {
        var violations = new List<Violation>();
        await using var connection = await database.OpenConnectionAsync();
        var outcomes = (await connection.QueryAsync<(long, short)>("select id, outcome from lm.done")).ToLookup(row => row.Item1, row => (SagaState)row.Item2);
        foreach (var (rule, sql) in RecordRules.All)
        {
            violations.AddRange((await connection.QueryAsync<(long Saga, string Text)>(sql)).Take(LinesPerRule)
                .Select(row => new Violation(row.Saga, $"Saga {row.Saga} {rule}: {row.Text}.")));
        }

        var ledger = (await connection.QueryAsync<(Guid Token, short State)>("select token, state from lm.resource")).ToDictionary();
        var sagas = (await connection.QueryAsync<(string Order, long Saga)>("select convert_from(input, 'UTF8')::jsonb ->> 'id', id from lm.done"))
            .ToLookup(row => row.Order, row => row.Saga);
        IEnumerable<Violation>[] rules = [Told(outcomes), Counted(sagas), Made(), Left(outcomes), Ledger(ledger)];
        violations.AddRange(rules.SelectMany(rule => rule.Take(LinesPerRule)));
        violations.AddRange(starts.Surprises.Select(surprise => new Violation(null, surprise)));

        var stories = new List<string>();
        foreach (var saga in violations.Select(violation => violation.Saga).OfType<long>().Distinct().Take(StoriesMax))
        {
            stories.Add(await Story(connection, saga));
        }

        return [.. violations.Select(violation => violation.What), .. stories];
    }

    public async Task<string> Figures()
    {
        await using var connection = await database.OpenConnectionAsync();
        var (sagas, rows, hosts, moved) = await connection.QuerySingleAsync<(long, long, long, long)>(
            """
            select (select count(*) from lm.done), (select count(*) from lm.journal), (select count(*) from lm.host),
                   (select count(*) from (select from lm.journal group by saga having count(distinct epoch) > 1) moved)
            """);
        var things = world.Things;
        var answers = world.History.CountBy(call => call.Answer).ToDictionary();
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{sagas} sagas ended, {rows} journal rows, {hosts} incarnations of hosts, {moved} sagas changed hands; {starts.Asked} asks for "
            + $"{orders.Count} starts; {world.History.Count} calls of the world, {things.Sum(thing => Math.Max(0, thing.Calls - 1))} of them repeats, "
            + $"{answers.GetValueOrDefault(WorldAnswer.Stale)} by owners that had been replaced, {answers.GetValueOrDefault(WorldAnswer.Gone)} too late");
    }

    /// <summary>Every caller was told of the same saga, and it ended as was asked.</summary>
    private IEnumerable<Violation> Told(ILookup<long, SagaState> outcomes)
    {
        foreach (var order in orders)
        {
            var answers = starts.Answers.TryGetValue(order.Id, out var given) ? given.Distinct().ToArray() : [];
            if (answers is not [{ IsOk: true } saga])
            {
                yield return new(null, $"{order}: callers were told {(answers.Length == 0 ? "nothing" : string.Join(" and ", answers))}.");
                continue;
            }

            var wanted = ChaosKinds.Get(order.Kind).Ends;
            if (outcomes[saga.Value.Value].ToArray() is not [var outcome] || outcome != wanted)
            {
                yield return new(
                    saga.Value.Value, $"{order}, saga {saga.Value}, should be {wanted} and is {string.Join(" and ", outcomes[saga.Value.Value])}.");
            }
        }
    }

    /// <summary>As many sagas were run for an order as its kind has: a start that nobody was told of is one too many.</summary>
    private IEnumerable<Violation> Counted(ILookup<string, long> sagas) =>
        from order in orders
        let wanted = ChaosKinds.Get(order.Kind).Sagas
        let found = sagas[order.Id].ToArray()
        where found.Length != wanted
        select new Violation(found.Cast<long?>().LastOrDefault(), $"{order} should have run {wanted} sagas and has run [{string.Join(", ", found)}].");

    /// <summary>A step never asked for two things: its token is the same on every attempt and every host.</summary>
    private IEnumerable<Violation> Made() =>
        from thing in world.Things
        group thing by (thing.Saga, thing.Step) into things
        where things.Count() > 1
        select new Violation(things.Key.Saga, $"Step '{things.Key.Step}' of saga {things.Key.Saga} used {things.Count()} tokens.");

    /// <summary>What lives is what was asked for, and belongs to a saga that is on record.</summary>
    private IEnumerable<Violation> Left(ILookup<long, SagaState> outcomes)
    {
        var living = world.Things.Where(thing => thing.Lives).ToLookup(thing => thing.Order);
        foreach (var order in orders)
        {
            var wanted = ChaosKinds.Get(order.Kind).Leaves;
            var found = living[order.Id].Select(thing => thing.Step).Order().ToArray();
            if (!found.SequenceEqual(wanted.Order()))
            {
                yield return new(
                    living[order.Id].FirstOrDefault()?.Saga,
                    $"{order} should leave [{string.Join(", ", wanted)}] and leaves [{string.Join(", ", found)}].");
            }
        }

        foreach (var thing in living.SelectMany(things => things).Where(thing => !outcomes.Contains(thing.Saga)))
        {
            yield return new(thing.Saga, $"{thing} belongs to no saga on record.");
        }
    }

    /// <summary>The account of what was asked of the provider is right.</summary>
    private IEnumerable<Violation> Ledger(Dictionary<Guid, short> ledger)
    {
        var things = world.Things.ToDictionary(thing => thing.Token);
        return
            from entry in ledger
            let thing = things.GetValueOrDefault(entry.Key)
            where entry.Value != (thing is { Lives: true } ? Live : Gone)
            select new Violation(thing?.Saga, $"lm.resource has state {entry.Value} for {thing?.ToString() ?? $"the unknown {entry.Key}"}.");
    }

    private async Task<string> Story(NpgsqlConnection connection, long saga)
    {
        var journal = await connection.QueryAsync<string>(
            """
            select format('  journal %s at %s: host %s, epoch %s, kind %s, step %s, attempt %s %s', seq, at, host, epoch, kind, step, attempt,
              case when kind in (3, 4, 6, 7, 8) then convert_from(data, 'UTF8') end)
              from lm.journal where saga = @saga order by seq, at
            """,
            new { saga });
        var calls = world.History.Where(call => call.Call.Saga == saga).Select(call =>
            $"  world: {(call.Call.Makes ? "make" : "remove")} {call.Call.Step} {call.Call.Token} with fence {call.Call.Fence}: {call.Answer}");
        var others = await connection.QueryAsync<string>(
            """
            select format('  same key: saga %s started at %s, first wrote at %s under epoch %s, ended at %s', d.id, d.started_at, j.at, j.epoch, d.ended_at)
              from lm.done mine join lm.done d on d.key = mine.key left join lm.journal j on j.saga = d.id and j.seq = 2
             where mine.id = @saga order by d.started_at, d.id
            """,
            new { saga });
        return string.Join(Environment.NewLine, [$"All that is known of saga {saga}:", .. Folded(calls), .. journal, .. others]);
    }

    /// <summary>Runs of one line as one line.</summary>
    private static IEnumerable<string> Folded(IEnumerable<string> lines)
    {
        var last = ("", 0);
        foreach (var line in lines.Append(""))
        {
            if (line == last.Item1)
            {
                last.Item2++;
                continue;
            }

            if (last.Item2 > 0)
            {
                yield return last.Item2 == 1 ? last.Item1 : $"{last.Item1} ({last.Item2} times)";
            }

            last = (line, 1);
        }
    }
}
