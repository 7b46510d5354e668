using Dapper;
using Fury.Deployments.Gates;
using Fury.Kernel;

namespace Fury.Deployments.Approvals;

/// <summary>The policy in PostgreSQL: a row for each criticality that needs approvals.</summary>
internal sealed class ApprovalPolicyStore(RuleWriter writer)
{
    public const string AllSql = "select criticality, to_begin, to_finalise from deployments.approval_policy";

    private const string PutSql = """
        delete from deployments.approval_policy;
        insert into deployments.approval_policy (criticality, to_begin, to_finalise)
        select criticality, to_begin, to_finalise from unnest(@criticalities, @toBegin, @toFinalise) as one (criticality, to_begin, to_finalise)
        """;

    /// <summary>The policy from now on, whole; the same again changes nothing. It holds for deployments that are under way, too.</summary>
    public Task<Outcome<Written<ApprovalPolicy>>> Put(ApprovalPolicy wanted, string by, string reason, CancellationToken cancellation) =>
        writer.Write<ApprovalPolicy>(
            async (transaction, _) =>
            {
                var present = Read(await transaction.Connection.QueryAsync<Row>(
                    new CommandDefinition(AllSql, transaction: transaction.Inner, cancellationToken: cancellation)));
                if (Text(wanted) == Text(present))
                {
                    return new Written<ApprovalPolicy>(present);
                }

                var needs = wanted.ByCriticality.ToList();
                var rows = new
                {
                    criticalities = needs.Select(need => Word.Of(need.Key)).ToArray(),
                    toBegin = needs.Select(need => need.Value.ToBegin).ToArray(),
                    toFinalise = needs.Select(need => need.Value.ToFinalise).ToArray(),
                };
                await transaction.Connection.ExecuteAsync(new CommandDefinition(PutSql, rows, transaction.Inner, cancellationToken: cancellation));
                return new Written<ApprovalPolicy>(wanted, (by, "approvals", $"Needed: {Text(wanted)}.", reason));
            },
            cancellation);

    public static ApprovalPolicy Read(IEnumerable<Row> rows) =>
        new(rows.ToDictionary(row => Word.Read<Criticality>(row.Criticality), row => new Needed(row.ToBegin, row.ToFinalise)));

    private static string Text(ApprovalPolicy policy) => string.Join(", ", policy.ByCriticality
        .Where(need => need.Value != default)
        .OrderBy(need => need.Key)
        .Select(need => $"{Word.Of(need.Key)} {need.Value.ToBegin} to begin, {need.Value.ToFinalise} to finalise")
        .DefaultIfEmpty("none"));

    internal sealed record Row(string Criticality, int ToBegin, int ToFinalise);
}
