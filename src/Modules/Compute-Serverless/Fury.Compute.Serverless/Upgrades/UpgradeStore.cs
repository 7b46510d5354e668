using System.Text.Json;
using Dapper;
using Fury.Hosting;
using Fury.Kernel;

namespace Fury.Compute.Serverless.Upgrades;

/// <summary>Upgrades in PostgreSQL, a row for each. There are few, and only what has not ended is looked at again and again.</summary>
internal sealed class UpgradeStore(IDatabase database) : IUpgradeStore
{
    /// <summary>Of the newest upgrades to a version, so many tell what is proven.</summary>
    private const int ProvenByMax = 20;

    private const string LockTableSql = "lock table serverless.upgrade in share row exclusive mode";

    private const string NamedSql = "select request_hash, record::text as record from serverless.upgrade where name = @name";

    private const string FindSameSql = "select record::text from serverless.upgrade where name = @name and request_hash = @hash";

    private const string InsertSql = """
        insert into serverless.upgrade (id, name, request_hash, version, record) values (@id, @name, @hash, @version, @record::jsonb)
        """;

    private const string ActiveSql = "select record::text from serverless.upgrade where ended_at is null order by id";

    private const string FindSql = "select record::text from serverless.upgrade where id = @id";

    private const string LockSql = $"{FindSql} for update";

    private const string WriteSql = "update serverless.upgrade set record = @record::jsonb, ended_at = @endedAt where id = @id";

    private const string ListSql = """
        select (record - 'targets' - 'shapes')::text from serverless.upgrade where @before::uuid is null or id < @before order by id desc limit @limit
        """;

    private const string OfVersionSql = "select record::text from serverless.upgrade where version = @version order by id desc limit @limit";

    public Task<IReadOnlyList<Upgrade>> Active(CancellationToken cancellation) => Read(ActiveSql, new { }, cancellation);

    public async Task<Outcome<Upgrade>> Find(Guid id, CancellationToken cancellation) =>
        await Read(FindSql, new { id }, cancellation) is [var found] ? found : Fault.NotFound("upgrade", id);

    public async Task<Upgrade?> Find(string name, string hash, CancellationToken cancellation) =>
        (await Read(FindSameSql, new { name, hash }, cancellation)).SingleOrDefault();

    public Task<IReadOnlyList<Upgrade>> List(Guid? before, int limit, CancellationToken cancellation) =>
        Read(ListSql, new { before, limit }, cancellation);

    public Task<Outcome<(Upgrade Upgrade, bool IsNew)>> Add(Upgrade upgrade, string hash, CancellationToken cancellation) =>
        database.Transaction<(Upgrade Upgrade, bool IsNew)>(
            async tx =>
            {
                await tx.Connection.ExecuteAsync(Command(tx, LockTableSql, new { }, cancellation));
                if (await tx.Connection.QuerySingleOrDefaultAsync<Named>(Command(tx, NamedSql, new { name = upgrade.Name }, cancellation)) is { } known)
                {
                    return known.RequestHash == hash
                        ? (Read(known.Record), false)
                        : Fault.Conflict($"There is another upgrade of the name '{upgrade.Name}'.");
                }

                List<Upgrade> active = [.. (await tx.Connection.QueryAsync<string>(Command(tx, ActiveSql, new { }, cancellation))).Select(Read)];
                if (active.Count >= IUpgradeStore.ActiveMax)
                {
                    return new Fault(
                        FaultKind.Exhausted, $"{active.Count} upgrades have not ended, and no more are kept: resume or abort one that is stopped.");
                }

                var open = upgrade.Targets.Where(target => !target.IsOver).Select(target => target.Cluster).ToHashSet();
                foreach (var other in active)
                {
                    if (other.Targets.FirstOrDefault(target => !target.IsOver && open.Contains(target.Cluster)) is { } taken)
                    {
                        return Fault.Conflict($"Cluster '{taken.Cluster}' is in upgrade '{other.Name}', which has not ended.").With("upgrade", other.Id);
                    }
                }

                var row = new { id = upgrade.Id, name = upgrade.Name, hash, version = $"{upgrade.Version}", record = Write(upgrade) };
                await tx.Connection.ExecuteAsync(Command(tx, InsertSql, row, cancellation));
                return (upgrade, true);
            },
            cancellation);

    public Task<Outcome<Upgrade>> Change(Guid id, Func<Upgrade, Outcome<Upgrade>> change, CancellationToken cancellation) =>
        database.Transaction<Upgrade>(
            async tx =>
            {
                if (await tx.Connection.QuerySingleOrDefaultAsync<string>(Command(tx, LockSql, new { id }, cancellation)) is not { } text)
                {
                    return Fault.NotFound("upgrade", id);
                }

                var present = Read(text);
                var changed = change(present);
                if (changed.IsOk && Write(changed.Value) is var record && record != Write(present))
                {
                    await tx.Connection.ExecuteAsync(
                        Command(tx, WriteSql, new { id, record, endedAt = changed.Value.EndedAt?.UtcDateTime }, cancellation));
                }

                return changed;
            },
            cancellation);

    public async Task<IReadOnlyDictionary<string, IReadOnlyList<string>>> Proven(MinorVersion version, CancellationToken cancellation) =>
        (from upgrade in await Read(OfVersionSql, new { version = $"{version}", limit = ProvenByMax }, cancellation)
         from target in upgrade.Targets
         where target is { State: UpgradeTargetState.Done, Shape: not null }
         select (Name: target.Shape!, Shape: upgrade.Shapes[target.Shape!]))
        .DistinctBy(shape => shape.Name)
        .ToDictionary(shape => shape.Name, shape => shape.Shape);

    private async Task<IReadOnlyList<Upgrade>> Read(string sql, object parameters, CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        return [.. (await connection.QueryAsync<string>(new CommandDefinition(sql, parameters, cancellationToken: cancellation))).Select(Read)];
    }

    private static CommandDefinition Command(ITransaction tx, string sql, object parameters, CancellationToken cancellation) =>
        new(sql, parameters, tx.Inner, cancellationToken: cancellation);

    private static string Write(Upgrade upgrade) => JsonSerializer.Serialize(upgrade, FuryJson.Options);

    private static Upgrade Read(string record) => JsonSerializer.Deserialize<Upgrade>(record, FuryJson.Options)!;

    private sealed record Named(string RequestHash, string Record);
}
