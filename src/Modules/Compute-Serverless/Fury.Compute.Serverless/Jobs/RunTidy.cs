using Dapper;
using Fury.Hosting;

namespace Fury.Compute.Serverless.Jobs;

/// <summary>Forgets runs that have ended, with their lines: all but the newest of each schedule and of each scope, and all that are old.</summary>
internal sealed class RunTidy(IDatabase database, TimeProvider clock) : IReconciler
{
    /// <summary>Of those of a scope that no schedule keeps.</summary>
    public const int PerScopeMax = 100;

    public static readonly TimeSpan AgeMax = TimeSpan.FromDays(30);

    /// <summary>Forgotten in one transaction.</summary>
    private const int BatchMax = 1000;

    /// <summary>What a schedule keeps is what it says now; runs of one that was removed are its scope's.</summary>
    private const string TidySql = """
        with ended as (
            select run.id, run.ended_at,
                   case when schedule.name is null then @perScope
                        when run.phase = 'succeeded' then (schedule.schedule ->> 'succeededKept')::int
                        else (schedule.schedule ->> 'failedKept')::int end as kept,
                   row_number() over (
                       partition by run.scope, schedule.name, schedule.name is not null and run.phase = 'succeeded'
                       order by run.ended_at desc, run.id desc) as place
              from serverless.run
              left join serverless.schedule on schedule.scope = run.scope and schedule.name = run.schedule
             where run.settled)
        delete from serverless.run
         where id in (select id from ended where place > kept or ended_at < @oldest limit @batch)
        """;

    public string Name => "serverless.tidy-runs";

    public TimeSpan Period { get; } = TimeSpan.FromMinutes(1);

    public bool OncePerPlatform => true;

    public async Task Pass(long fence, CancellationToken cancellation)
    {
        int forgotten;
        do
        {
            await using var connection = await database.Source.OpenConnectionAsync(cancellation);
            var limits = new { perScope = PerScopeMax, oldest = clock.GetUtcNow() - AgeMax, batch = BatchMax };
            forgotten = await connection.ExecuteAsync(new CommandDefinition(TidySql, limits, cancellationToken: cancellation));
        }
        while (forgotten == BatchMax);
    }
}
