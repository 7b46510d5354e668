using Dapper;
using Fury.Deployments.Gates;
using Fury.Hosting;
using Fury.Kernel;

namespace Fury.Deployments.Approvals;

/// <summary>What persons have said of deployments.</summary>
internal sealed class ApprovalStore(IDatabase database)
{
    private const string ListSql = """
        select gate, made_by, approves, comment, at from deployments.approval where deployment = @deployment order by at, person
        """;

    private const string PutSql = """
        insert into deployments.approval as known (deployment, gate, person, made_by, approves, comment, at)
        values (@deployment, @gate, @person, @by, @approves, @comment, @at)
        on conflict (deployment, gate, person) do update
           set made_by = excluded.made_by, approves = excluded.approves, comment = excluded.comment, at = excluded.at
         where known.approves <> excluded.approves
        """;

    /// <summary>In the order they were said in. As few as persons have said something.</summary>
    public async Task<IReadOnlyList<Approval>> List(DeploymentId deployment, CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        var rows = await connection.QueryAsync<Row>(
            new CommandDefinition(ListSql, new { deployment = deployment.Value }, cancellationToken: cancellation));
        return [.. rows.Select(row => row.ToApproval())];
    }

    /// <summary>A person's last word counts. False when it was this already, and nothing was written.</summary>
    public static async Task<bool> Put(ITransaction transaction, DeploymentId deployment, Approval said, CancellationToken cancellation)
    {
        var row = new
        {
            deployment = deployment.Value,
            gate = Word.Of(said.Gate),
            person = said.By.ToLowerInvariant(),
            by = said.By,
            approves = said.Approves,
            comment = said.Comment,
            at = said.At.UtcDateTime,
        };
        return await transaction.Connection.ExecuteAsync(new CommandDefinition(PutSql, row, transaction.Inner, cancellationToken: cancellation)) > 0;
    }

    private sealed record Row(string Gate, string MadeBy, bool Approves, string? Comment, DateTime At)
    {
        public Approval ToApproval() => new(Word.Read<Checkpoint>(Gate), MadeBy, Approves, Comment, new(At));
    }
}
