using System.Text.Json;
using Dapper;
using Fury.Catalog.Contracts;
using Fury.Hosting;
using Fury.Kernel;
using Fury.LittleMonster;
using Fury.Sdk.Moving;

namespace Fury.Services.Moves;

/// <summary>The move is in other hands, or over: whoever meets this is thought dead and does nothing more.</summary>
internal sealed class MoveTakenException(string message) : Exception(message);

/// <summary>Moves and how far they are.</summary>
internal sealed class MoveStore(IDatabase database)
{
    private const string Columns = """
        id, application, scope, kind, service, source, target, array_to_string(require, ' ') as require, keys_per_second, saga, step, epoch, cursor, keys, seen,
        wants_back, turn, waits_for, outcome, reason, begun_by, begun_at, changed_at, ended_at, evacuate
        """;

    private const string InsertSql = """
        insert into services.move
            (id, application, scope, kind, service, source, target, require, keys_per_second, saga, step, epoch, reason, begun_by, evacuate)
        values (@id, @application, @scope, @kind, @service, @source::jsonb, @target::jsonb, @require, @rate, @saga, @step, @epoch, @reason, @by, @evacuate)
        on conflict (application, scope, kind, service) where ended_at is null do nothing
        """;

    private const string TakeSql = $"""
        update services.move set turn = turn + 1, fence = @fence where id = @id and ended_at is null and fence <= @fence returning {Columns}
        """;

    private const string SaveSql = """
        update services.move
           set step = @step, epoch = @epoch, cursor = @cursor, keys = @keys, seen = greatest(seen, @keys), changed_at = now(), waits_for = null
         where id = @id and turn = @turn and ended_at is null
        """;

    private const string WaitSql = "update services.move set waits_for = @why where id = @id and turn = @turn and waits_for is distinct from @why";

    private const string EndSql = """
        update services.move set outcome = @outcome, waits_for = @why, changed_at = now(), ended_at = now()
         where id = @id and turn = @turn and ended_at is null
        """;

    // The two ways out of a move are told apart here, where only one of two who come at once can be first: whoever leaves the source goes on without what it
    // has, and whoever goes back needs it. Before its first step either may be given up.
    private const string BackSql = """
        update services.move set wants_back = true where id = @id and ended_at is null and (evacuate = 0 or step = 'check')
        """;

    private const string EvacuateSql = """
        update services.move set evacuate = @evacuate, wants_back = false
         where id = @id and ended_at is null and evacuate < @evacuate
           and (evacuate > 0 or step = any(@steps))
        """;

    private const string OneSql = $"select {Columns} from services.move where id = @id";

    private const string NewestSql = $"""
        select {Columns} from services.move
         where application = @application and scope = @scope and kind = @kind and service = @service
         order by begun_at desc
         limit 1
        """;

    private const string AllSql = $"""
        select distinct on (kind, service) {Columns} from services.move
         where application = @application and scope = @scope
         order by kind, service, begun_at desc
        """;

    private static readonly string[] LeavableSteps = [.. Enum.GetValues<MoveStep>().Where(Move.CanEvacuateFrom).Select(Word.Of)];

    /// <summary>For tests: called before a state is saved.</summary>
    internal Func<MoveState, Task>? Saving { get; set; }

    /// <summary>False when another one of the service is under way.</summary>
    public static async Task<bool> Insert(ITransaction tx, Guid id, MoveWish wish, MoveSource source, SagaId saga, MoveState state) =>
        await tx.Connection.ExecuteAsync(InsertSql, new
        {
            id,
            application = wish.Service.Scope.Application.Value,
            scope = wish.Service.Scope.Scope.Value,
            kind = Word.Of(wish.Service.Kind),
            service = wish.Service.Service.Value,
            source = JsonSerializer.Serialize(source, FuryJson.Options),
            target = JsonSerializer.Serialize(wish.Target, FuryJson.Options),
            require = wish.Require.ToArray(),
            rate = wish.KeysPerSecond,
            saga = saga.Value,
            step = Word.Of(state.Step),
            epoch = state.Epoch,
            reason = wish.Reason,
            by = wish.By,
            evacuate = (short)wish.Evacuate,
        }, tx.Inner) == 1;

    /// <summary>Takes the move in hand; whoever had it before can write nothing more. Null when it is over, or was taken with a higher fence.</summary>
    public async Task<(Move Move, long Turn)?> Take(Guid id, long fence, CancellationToken cancellation) =>
        await One(TakeSql, new { id, fence }, cancellation) is { } row ? (row.ToMove(), row.Turn) : null;

    /// <exception cref="MoveTakenException">Another turn has begun.</exception>
    public async Task Save(Guid id, long turn, MoveState state, CancellationToken cancellation)
    {
        if (Saving is { } saving)
        {
            await saving(state);
        }

        var row = new { id, turn, step = Word.Of(state.Step), epoch = state.Epoch, cursor = state.Cursor, keys = state.Keys };
        await Written(SaveSql, row, $"'{state.Service}' at {Word.Of(state.Step)}", cancellation);
    }

    /// <summary>For those who look at it; nothing when another turn has begun.</summary>
    public async Task Wait(Guid id, long turn, string? why, CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        await connection.ExecuteAsync(new CommandDefinition(WaitSql, new { id, turn, why }, cancellationToken: cancellation));
    }

    /// <exception cref="MoveTakenException">Another turn has begun.</exception>
    public Task End(Guid id, long turn, MoveOutcome outcome, string? why, CancellationToken cancellation) =>
        Written(EndSql, new { id, turn, outcome = Word.Of(outcome), why }, $"{Word.Of(outcome)}", cancellation);

    /// <summary>Says to turn round; false when it is over, or leaves its source already.</summary>
    public async Task<bool> WantBack(Guid id, CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        return await connection.ExecuteAsync(new CommandDefinition(BackSql, new { id }, cancellationToken: cancellation)) == 1;
    }

    /// <summary>Says to leave the source at once; nothing when it is over, at a step from which that cannot be, or was said before.</summary>
    public async Task WantEvacuation(Guid id, int evacuate, CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        var row = new { id, evacuate = (short)evacuate, steps = LeavableSteps };
        await connection.ExecuteAsync(new CommandDefinition(EvacuateSql, row, cancellationToken: cancellation));
    }

    /// <summary>Whether the move was taken by another turn, whether somebody wants it back, and how the source is to be left.</summary>
    public async Task<(bool IsTaken, bool WantsBack, int Evacuate)> Look(Guid id, long turn, CancellationToken cancellation) =>
        await One(OneSql, new { id }, cancellation) is { } row ? (row.Turn != turn || row.EndedAt is not null, row.WantsBack, row.Evacuate) : (true, false, 0);

    public async Task<Move?> Find(Guid id, CancellationToken cancellation) => (await One(OneSql, new { id }, cancellation))?.ToMove();

    /// <summary>The newest move of a service; null when it never moved.</summary>
    public async Task<Move?> Newest(BoundService service, CancellationToken cancellation) => (await One(NewestSql, new
    {
        application = service.Scope.Application.Value,
        scope = service.Scope.Scope.Value,
        kind = Word.Of(service.Kind),
        service = service.Service.Value,
    }, cancellation))?.ToMove();

    /// <summary>The newest move of each service of the scope, by kind and name.</summary>
    public async Task<IReadOnlyList<Move>> All(ScopeRef scope, CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        var parameters = new { application = scope.Application.Value, scope = scope.Scope.Value };
        return [.. (await connection.QueryAsync<Row>(new CommandDefinition(AllSql, parameters, cancellationToken: cancellation))).Select(row => row.ToMove())];
    }

    private async Task Written(string sql, object row, string what, CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        if (await connection.ExecuteAsync(new CommandDefinition(sql, row, cancellationToken: cancellation)) != 1)
        {
            throw new MoveTakenException($"The move is in other hands: {what} is not saved.");
        }
    }

    private async Task<Row?> One(string sql, object parameters, CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        return await connection.QuerySingleOrDefaultAsync<Row>(new CommandDefinition(sql, parameters, cancellationToken: cancellation));
    }

    private sealed record Row(
        Guid Id, string Application, string Scope, string Kind, string Service, string Source, string Target, string Require, double? KeysPerSecond,
        long Saga, string Step, long Epoch, string? Cursor, long Keys, long Seen, bool WantsBack, long Turn, string? WaitsFor, string? Outcome,
        string Reason, string BegunBy, DateTime BegunAt, DateTime ChangedAt, DateTime? EndedAt, short Evacuate)
    {
        private string[] Required => Require.Split(' ', StringSplitOptions.RemoveEmptyEntries);

        public Move ToMove()
        {
            var service = new BoundService(
                new(ApplicationName.Parse(Application), ScopeName.Parse(Scope)), Word.Read<ServiceKind>(Kind), ServiceName.Parse(Service));
            return new(
                Id,
                new(service, JsonSerializer.Deserialize<ServiceRoute>(Target, FuryJson.Options)!, Required, KeysPerSecond, Reason, BegunBy)
                {
                    Evacuate = Evacuate,
                },
                JsonSerializer.Deserialize<MoveSource>(Source, FuryJson.Options)!,
                new(Service, Word.Read<MoveStep>(Step), Epoch, Cursor, Keys),
                Seen,
                WantsBack,
                WaitsFor,
                Outcome is null ? null : Word.Read<MoveOutcome>(Outcome),
                new(Saga),
                BegunAt,
                ChangedAt,
                EndedAt);
        }
    }
}
