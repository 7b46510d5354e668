using Dapper;
using Fury.Deployments.Contracts;
using Fury.Deployments.Deployments;
using Fury.Hosting;
using Fury.Kernel;

namespace Fury.Deployments.Judging;

/// <summary>One stable pool that was judged against itself.</summary>
/// <param name="Verdict">Null when its ticks tell too little.</param>
internal sealed record Split(DeploymentId Deployment, DateOnly Night, int Seed, int Ticks, Verdict? Verdict);

/// <summary>Which deployments can be split, and what came of those that were.</summary>
internal sealed class CalibrationStore(IDatabase database)
{
    private const string EligibleSql = """
        select d.id, d.fence, d.state
          from deployments.deployment as d
          join deployments.judgement as j on j.deployment = d.id
         where d.phase = 'done' and d.ended_at >= @since and d.ended_at < @until and j.number >= @ticks
           and not exists (select from deployments.calibration as c where c.deployment = d.id)
         order by d.id
         limit @limit
        """;

    private const string DoneSql = "select count(*) from deployments.calibration where night = @night";

    private const string SaveSql = """
        insert into deployments.calibration (deployment, night, seed, ticks, verdict, sentence)
        values (@deployment, @night, @seed, @ticks, @verdict, @sentence)
            on conflict do nothing
        """;

    private const string CountSql = """
        select count(*)::int as splits, count(*) filter (where verdict = 'fail')::int as failed
          from deployments.calibration
         where night > @after and verdict is not null
        """;

    private const string FailedSql = """
        select deployment, night, seed, sentence
          from deployments.calibration
         where night > @after and verdict = 'fail'
         order by night desc, deployment
         limit @limit
        """;

    private const string ForgetSql = "delete from deployments.calibration where night <= @before";

    /// <summary>Deployments that ended well between two times, were judged for so many ticks, and were not split yet.</summary>
    public async Task<IReadOnlyList<DeploymentRecord>> Eligible(
        DateTimeOffset since, DateTimeOffset until, int ticks, int limit, CancellationToken cancellation) =>
    [
        .. from row in await All<Row>(EligibleSql, new { since = since.UtcDateTime, until = until.UtcDateTime, ticks, limit }, cancellation)
           select row.ToRecord(),
    ];

    /// <summary>How many were split in a night.</summary>
    public async Task<int> Done(DateOnly night, CancellationToken cancellation) =>
        (int)(await All<long>(DoneSql, new { night = Of(night) }, cancellation)).Single();

    /// <summary>Keeps a split; the second of a deployment is dropped.</summary>
    public async Task Save(Split split, CancellationToken cancellation)
    {
        var row = new
        {
            deployment = split.Deployment.Value,
            night = Of(split.Night),
            seed = split.Seed,
            ticks = split.Ticks,
            verdict = split.Verdict is { } verdict ? Word.Of(verdict.Kind) : null,
            sentence = split.Verdict?.Reason,
        };
        await using var connection = await database.Open(cancellation);
        await connection.ExecuteAsync(new CommandDefinition(SaveSql, row, cancellationToken: cancellation));
    }

    public async Task<FalseAlarms> Count(DateOnly after, CancellationToken cancellation) =>
        (await All<FalseAlarms>(CountSql, new { after = Of(after) }, cancellation)).Single();

    /// <summary>The last that failed, newest first.</summary>
    public async Task<IReadOnlyList<FailedSplit>> Failed(DateOnly after, int limit, CancellationToken cancellation) =>
    [
        .. from row in await All<FailedRow>(FailedSql, new { after = Of(after), limit }, cancellation)
           select new FailedSplit(new(row.Deployment), row.Night, row.Seed, row.Sentence),
    ];

    /// <summary>Deletes what is of this night or older.</summary>
    public async Task Forget(DateOnly before, CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        await connection.ExecuteAsync(new CommandDefinition(ForgetSql, new { before = Of(before) }, cancellationToken: cancellation));
    }

    private static DateTime Of(DateOnly night) => night.ToDateTime(TimeOnly.MinValue);

    private async Task<IEnumerable<T>> All<T>(string sql, object parameters, CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        return await connection.QueryAsync<T>(new CommandDefinition(sql, parameters, cancellationToken: cancellation));
    }

    private sealed record FailedRow(Guid Deployment, DateOnly Night, int Seed, string Sentence);
}
