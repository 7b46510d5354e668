using Dapper;
using Fury.Agent.Wire;
using Fury.Hosting;

namespace Fury.Compute.Standard.Usage;

/// <summary>What the application of an instance uses, as its agent has told it.</summary>
/// <param name="OwnId">The cloud's own name for the instance.</param>
/// <param name="MeasuredAt">By the instance's clock.</param>
internal sealed record ToldUsage(Guid Lot, string OwnId, DateTimeOffset MeasuredAt, AgentUsage Usage);

/// <summary>
/// Where the hosts that hear agents leave what these use, and which version they are, for the host that asks: any host takes a report, and one scales the
/// pool. The newest of each instance and no more; what tells of no use leaves the use that was told before. Every member is one statement.
/// </summary>
internal sealed class UsageStore(IDatabase database)
{
    /// <summary>Three reports that did not come: what is so old says nothing of now.</summary>
    public static readonly TimeSpan Fresh = TimeSpan.FromSeconds(90);

    /// <summary>An instance that was silent for so long is gone.</summary>
    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(10);

    // In the order of the key, so that two hosts at once wait for each other and do not block each other.
    private const string KeepSql = """
        insert into standard.usage (lot, own_id, boot, sequence, agent_version, heard_at, measured_at, told_at, cpu_seconds, memory_bytes, kills)
        select lot, own_id, boot, sequence, version, now(), measured_at, case when measured_at is not null then now() end, cpu_seconds, memory_bytes, kills
          from unnest(@lots, @ids, @boots, @sequences, @versions, @times, @cpus, @memories, @kills)
               as told (lot, own_id, boot, sequence, version, measured_at, cpu_seconds, memory_bytes, kills)
         order by lot, own_id
        on conflict (lot, own_id) do update
           set boot = excluded.boot, sequence = excluded.sequence, agent_version = excluded.agent_version, heard_at = excluded.heard_at,
               measured_at = coalesce(excluded.measured_at, usage.measured_at), told_at = coalesce(excluded.told_at, usage.told_at),
               cpu_seconds = coalesce(excluded.cpu_seconds, usage.cpu_seconds), memory_bytes = coalesce(excluded.memory_bytes, usage.memory_bytes),
               kills = coalesce(excluded.kills, usage.kills)
         where (excluded.boot, excluded.sequence) > (usage.boot, usage.sequence)
        """;

    private const string FindSql = """
        select lot, own_id, measured_at, cpu_seconds, memory_bytes, kills from standard.usage
         where lot = any(@lots) and told_at > now() - @fresh
        """;

    // A host of an older version tells of use alone, and leaves heard_at as it was.
    private const string ForgetSql = "delete from standard.usage where greatest(heard_at, told_at) < now() - @kept";

    /// <summary>Keeps these, one of each instance; an older one than is kept changes nothing.</summary>
    public async Task Keep(IReadOnlyCollection<AgentReport> reports, CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        var rows = new
        {
            lots = reports.Select(report => Guid.Parse(report.Lot)).ToArray(),
            ids = reports.Select(report => report.ProviderId).ToArray(),
            boots = reports.Select(report => report.Boot).ToArray(),
            sequences = reports.Select(report => report.Sequence).ToArray(),
            versions = reports.Select(report => report.AgentVersion).ToArray(),
            times = reports.Select(report => report.Usage is null ? (DateTime?)null : report.At.UtcDateTime).ToArray(),
            cpus = reports.Select(report => report.Usage?.CpuSeconds).ToArray(),
            memories = reports.Select(report => report.Usage?.MemoryBytes).ToArray(),
            kills = reports.Select(report => report.Usage?.OutOfMemoryKills).ToArray(),
        };
        await connection.ExecuteAsync(new CommandDefinition(KeepSql, rows, cancellationToken: cancellation));
    }

    /// <summary>What is <see cref="Fresh"/> of the instances of these lots.</summary>
    public async Task<IReadOnlyList<ToldUsage>> Find(IReadOnlyCollection<Guid> lots, CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        var rows = await connection.QueryAsync<(Guid Lot, string OwnId, DateTime MeasuredAt, double Cpu, long Memory, int Kills)>(
            new CommandDefinition(FindSql, new { lots = lots.ToArray(), fresh = Fresh }, cancellationToken: cancellation));
        return
        [
            .. rows.Select(row => new ToldUsage(
                row.Lot, row.OwnId, new(DateTime.SpecifyKind(row.MeasuredAt, DateTimeKind.Utc)), new(row.Cpu, row.Memory, row.Kills))),
        ];
    }

    /// <summary>Forgets instances that are gone.</summary>
    public async Task Forget(CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        await connection.ExecuteAsync(new CommandDefinition(ForgetSql, new { kept = Kept }, cancellationToken: cancellation));
    }
}
