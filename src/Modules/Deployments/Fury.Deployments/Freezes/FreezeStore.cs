using Dapper;
using Fury.Deployments.Deployments;
using Fury.Deployments.Gates;
using Fury.Hosting;
using Fury.Kernel;

namespace Fury.Deployments.Freezes;

/// <summary>Freezes in PostgreSQL. Each change is one transaction, with a line on record.</summary>
internal sealed class FreezeStore(IDatabase database, RuleWriter writer)
{
    /// <summary>Every host reads all of them at each change of a rule.</summary>
    public const int FreezesMax = 500;

    public const string AllSql = "select content from deployments.freeze order by name";

    private const string FindSql = "select content from deployments.freeze where name = @name";

    private const string CountSql = "select count(*) from deployments.freeze";

    private const string PutSql = """
        insert into deployments.freeze (name, content, over_at) values (@name, @content::jsonb, @overAt)
        on conflict (name) do update set content = excluded.content, over_at = excluded.over_at
        """;

    private const string RemoveSql = "delete from deployments.freeze where name = @name returning content";

    private const string ListSql = """
        select content
          from deployments.freeze
         where @after::text is null or name > @after
         order by name
         limit @limit
        """;

    /// <summary>
    /// Makes it, or makes the one of its name be so; the same content again changes nothing. <see cref="FaultKind.Exhausted"/> at
    /// <see cref="FreezesMax"/>.
    /// </summary>
    public Task<Outcome<Written<Freeze>>> Put(Freeze wanted, CancellationToken cancellation) => writer.Write<Freeze>(
        async (transaction, now) =>
        {
            var present = await One(transaction, FindSql, new { name = wanted.Name }, cancellation);
            if (present is null && await transaction.Connection.ExecuteScalarAsync<long>(CountSql, transaction: transaction.Inner) >= FreezesMax)
            {
                return new Fault(FaultKind.Exhausted, $"There are {FreezesMax} freezes, and no more are kept. Remove what is over.");
            }

            var freeze = wanted with { Id = present?.Id ?? Guid.CreateVersion7(now), CreatedAt = present?.CreatedAt ?? now };
            if (present is not null && Json.Write(freeze with { By = present.By }) == Json.Write(present))
            {
                return new Written<Freeze>(present);
            }

            var row = new { name = freeze.Name, content = Json.Write(freeze), overAt = freeze.To?.UtcDateTime };
            await transaction.Connection.ExecuteAsync(new CommandDefinition(PutSql, row, transaction.Inner, cancellationToken: cancellation));
            var text = $"{(present is null ? "Made" : "Changed")}: {Word.Of(freeze.Kind)} {When(freeze)}.";
            return new Written<Freeze>(freeze, (freeze.By, RuleOf(freeze.Name), text, freeze.Reason), present is null);
        },
        cancellation);

    public Task<Outcome<Written<Freeze>>> Remove(string name, string by, string reason, CancellationToken cancellation) => writer.Write<Freeze>(
        async (transaction, _) => await One(transaction, RemoveSql, new { name }, cancellation) is { } removed
            ? new Written<Freeze>(removed, (by, RuleOf(name), "Removed.", reason))
            : Fault.NotFound("freeze", name),
        cancellation);

    public async Task<Freeze?> Find(string name, CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        var row = await connection.QuerySingleOrDefaultAsync<Row>(new CommandDefinition(FindSql, new { name }, cancellationToken: cancellation));
        return row?.ToFreeze();
    }

    /// <summary>In the order of names.</summary>
    public async Task<IReadOnlyList<Freeze>> List(string? after, int limit, CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        var rows = await connection.QueryAsync<Row>(new CommandDefinition(ListSql, new { after, limit }, cancellationToken: cancellation));
        return [.. rows.Select(row => row.ToFreeze())];
    }

    public static string RuleOf(string name) => $"freeze {name}";

    private static async Task<Freeze?> One(ITransaction transaction, string sql, object parameters, CancellationToken cancellation) =>
        (await transaction.Connection.QuerySingleOrDefaultAsync<Row>(
            new CommandDefinition(sql, parameters, transaction.Inner, cancellationToken: cancellation)))?.ToFreeze();

    private static string When(Freeze freeze) => freeze switch
    {
        { Recurs: { } recurs } => $"for {recurs.Minutes} minutes at {recurs.Cron} in {recurs.TimeZone}",
        { From: null, To: null } => "until it is removed",
        { From: null } => $"until {freeze.To:u}",
        _ => $"from {freeze.From:u} until {(freeze.To is null ? "it is removed" : $"{freeze.To:u}")}",
    };

    internal sealed record Row(string Content)
    {
        public Freeze ToFreeze() => Json.Read<Freeze>(Content);
    }
}
