using Dapper;
using Fury.Hosting;

namespace Fury.Deployments.Gates;

/// <summary>Forgets what is over for long, so that nothing here grows for ever.</summary>
internal sealed class RulesTidy(IDatabase database, TimeProvider clock) : IReconciler
{
    private static readonly TimeSpan FreezesKept = TimeSpan.FromDays(30);
    private static readonly TimeSpan RecordKept = TimeSpan.FromDays(400);

    // Nobody's standing changes by this, so it is no change of a rule.
    private const string ForgetSql = """
        delete from deployments.freeze where over_at < @freezesBefore;
        delete from deployments.freeze_override where until < @recordBefore;
        delete from deployments.rule_change where at < @recordBefore;
        delete from deployments.campaign where ended_at < @recordBefore
        """;

    public string Name => "deployments-rules-tidy";

    public TimeSpan Period { get; } = TimeSpan.FromHours(1);

    public bool OncePerPlatform => true;

    public async Task Pass(long fence, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        var before = new { freezesBefore = now - FreezesKept, recordBefore = now - RecordKept };
        await using var connection = await database.Open(cancellation);
        await connection.ExecuteAsync(new CommandDefinition(ForgetSql, before, cancellationToken: cancellation));
    }
}
