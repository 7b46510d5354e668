using Dapper;
using Fury.Hosting;

namespace Fury.LittleMonster;

/// <summary>The ledger as the sweep reads and corrects it. What sagas enter is <see cref="BatchCommand"/>'s.</summary>
internal sealed class LedgerStore(IDatabase database)
{
    private const string RowsSql = """
        select r.token, r.kind, r.external_id, r.state, r.at, coalesce(s.state, d.outcome)
          from lm.resource r
          left join lm.saga s on s.id = r.saga
          left join lm.done d on d.id = r.saga and s.id is null
         where r.provider = @provider and r.region = @region and (r.state <> 4 or r.token = any(@tokens))
        """;

    /// <summary>What the ledger has of a region: all that is not gone, and what it has of the given tokens.</summary>
    public async Task<IReadOnlyList<LedgerRow>> Rows(
        string provider, string region, IEnumerable<Guid> tokens, CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        var rows = await connection.QueryAsync<(Guid Token, string Kind, string? ExternalId, short State, DateTime At, short? Saga)>(
            new CommandDefinition(RowsSql, new { provider, region, tokens = tokens.ToArray() }, cancellationToken: cancellation));
        return
        [
            .. rows.Select(row => new LedgerRow(
                row.Token, row.Kind, row.ExternalId, (LedgerState)row.State, new DateTimeOffset(row.At), (SagaState?)row.Saga)),
        ];
    }

    private const string EnterSql = """
        insert into lm.resource (token, saga, step, provider, region, kind, external_id, state)
          values (@token, 0, 0, @provider, @region, @kind, @externalId, @state)
          on conflict (token) do update set state = excluded.state, external_id = excluded.external_id, at = now()
        """;

    /// <summary>The item is in the ledger in this state, whether it was there or not.</summary>
    public Task Enter(string provider, string region, LedgerItem item, LedgerState state, CancellationToken cancellation) => Execute(
        EnterSql,
        new { token = item.Token, provider, region, kind = item.Kind, externalId = item.ExternalId, state = (short)state },
        cancellation);

    private const string ForgetSql = "update lm.resource set state = 4, at = now() where token = @token";

    public Task Forget(Guid token, CancellationToken cancellation) => Execute(ForgetSql, new { token }, cancellation);

    private async Task Execute(string sql, object parameters, CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        await connection.ExecuteAsync(new CommandDefinition(sql, parameters, cancellationToken: cancellation));
    }
}
