using Dapper;
using Fury.Deployments.Deployments;
using Fury.Deployments.Driving;
using Fury.Deployments.Planning;
using Fury.Hosting;
using Fury.Kernel;
using Fury.Mesh.Contracts;
using Microsoft.Extensions.Logging;

namespace Fury.Deployments.Scopes;

/// <summary>A pool that its deployment could not take down safely.</summary>
internal sealed record Leftover(ScopeRef Scope, PoolPlan Pool, DateTimeOffset DrainUntil);

/// <summary>Takes pools down that a deployment had to leave, once the invariants that held it back allow it.</summary>
internal sealed partial class Leftovers(IDatabase database, World world, TimeProvider clock, ILogger<Leftovers> log) : IReconciler
{
    private const int LeftoversPerPassMax = 1000;

    private const string ListSql = """
        select application, scope, plan, drain_until from deployments.leftover order by created_at limit @limit
        """;

    private const string DeleteSql = "delete from deployments.leftover where pool = @pool";

    public string Name => "deployments-leftovers";

    public TimeSpan Period { get; } = TimeSpan.FromSeconds(5);

    public bool OncePerPlatform => true;

    /// <summary>
    /// I3: out of the table that every proxy has applied, and no request in its hands. I10: another pool of the table can serve, or
    /// the scope is meant to be served by none.
    /// </summary>
    public static bool MayRetire(
        Leftover leftover, RoutingTable table, Convergence drained, int readyElsewhere, DateTimeOffset now) =>
        table.Pools.All(pool => pool.Pool != leftover.Pool.Id)
        && (table.Pools.Count == 0 || readyElsewhere > 0)
        && (drained.Done || (now >= leftover.DrainUntil && drained.Waiting.All(proxy => proxy.Stage == ProxyStage.Busy)));

    public async Task Pass(long fence, CancellationToken cancellation)
    {
        foreach (var leftover in await List(cancellation))
        {
            if (await TryRetire(leftover, cancellation))
            {
                Retired(log, leftover.Pool.Id, leftover.Scope);
                await using var connection = await database.Open(cancellation);
                await connection.ExecuteAsync(
                    new CommandDefinition(DeleteSql, new { pool = leftover.Pool.Id.Value }, cancellationToken: cancellation));
            }
        }
    }

    private async Task<bool> TryRetire(Leftover leftover, CancellationToken cancellation)
    {
        if (world.Engine(leftover.Pool.Compute) is not { } engine)
        {
            return false;
        }

        var table = await world.Tables.Current(leftover.Scope, cancellation);
        var drained = await world.Tables.Drained(leftover.Scope, leftover.Pool.Id, table.Version, TimeSpan.Zero, cancellation);
        var pools = await engine.List(leftover.Scope, cancellation);
        var elsewhere = pools.Where(pool => table.Pools.Any(weight => weight.Pool == pool.Id)).Sum(pool => pool.Ready);
        return MayRetire(leftover, table, drained, elsewhere, clock.GetUtcNow())
            && (await engine.Retire(leftover.Pool.Id, cancellation)).IsOk;
    }

    private async Task<IReadOnlyList<Leftover>> List(CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        var rows = await connection.QueryAsync<Row>(
            new CommandDefinition(ListSql, new { limit = LeftoversPerPassMax }, cancellationToken: cancellation));
        return [.. rows.Select(row => row.ToLeftover())];
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Pool {Pool}, left by a deployment of {Scope}, is taken down.")]
    private static partial void Retired(ILogger log, PoolId pool, ScopeRef scope);

    private sealed record Row(string Application, string Scope, string Plan, DateTime DrainUntil)
    {
        public Leftover ToLeftover() =>
            new(ScopeRef.Parse($"{Application}/{Scope}"), Json.Read<PoolPlan>(Plan), new DateTimeOffset(DrainUntil));
    }
}
