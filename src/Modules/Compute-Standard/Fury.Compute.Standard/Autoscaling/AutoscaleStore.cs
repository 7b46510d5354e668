using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Dapper;
using Fury.Compute.Contracts;
using Fury.Hosting;
using Fury.Kernel;

namespace Fury.Compute.Standard.Autoscaling;

/// <summary>Whose day it is: pools come and go with each deployment, the shape of a scope's day at a location stays.</summary>
internal readonly record struct DayKey(ScopeRef Scope, Location Location);

/// <summary>Which pools scale themselves, and what the days of their scopes look like.</summary>
internal sealed class AutoscaleStore(IDatabase database)
{
    private const string PoolsSql = "select id, revision from standard.pool where autoscaled order by id";

    private const string DaysSql = """
        select day.scope, day.location, day.needs from standard.day
          join unnest(@scopes, @locations) as wanted (scope, location) using (scope, location)
        """;

    private const string KeepSql = """
        insert into standard.day (scope, location, needs)
        select * from unnest(@scopes, @locations, @needs)
        on conflict (scope, location) do update set needs = excluded.needs
        """;

    /// <summary>All that do, with the revision of each.</summary>
    public async Task<IReadOnlyList<(PoolId Pool, long Revision)>> Pools(CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        return [.. await connection.QueryAsync<(PoolId, long)>(new CommandDefinition(PoolsSql, cancellationToken: cancellation))];
    }

    /// <summary>Those of the days that are kept.</summary>
    public async Task<IReadOnlyDictionary<DayKey, DayProfile>> Days(IReadOnlyCollection<DayKey> keys, CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        var wanted = new { scopes = keys.Select(key => key.Scope.ToString()).ToArray(), locations = keys.Select(key => key.Location.ToString()).ToArray() };
        var rows = (await connection.QueryAsync<(string Scope, string Location, byte[] Needs)>(
            new CommandDefinition(DaysSql, wanted, cancellationToken: cancellation))).ToDictionary(row => (row.Scope, row.Location), row => row.Needs);
        return keys
            .Where(key => rows.ContainsKey((key.Scope.ToString(), key.Location.ToString())))
            .ToDictionary(key => key, key => Read(rows[(key.Scope.ToString(), key.Location.ToString())]));
    }

    /// <summary>Keeps these days in one statement, each in the place of what was kept of it.</summary>
    public async Task Keep(IReadOnlyList<(DayKey Key, DayProfile Day)> days, CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        var rows = new
        {
            scopes = days.Select(day => day.Key.Scope.ToString()).ToArray(),
            locations = days.Select(day => day.Key.Location.ToString()).ToArray(),
            needs = days.Select(day => Write(day.Day)).ToArray(),
        };
        await connection.ExecuteAsync(new CommandDefinition(KeepSql, rows, cancellationToken: cancellation));
    }

    internal static byte[] Write(DayProfile day) => [.. MemoryMarshal.AsBytes(day.Needs.AsSpan()), .. day.Days];

    internal static DayProfile Read(byte[] bytes)
    {
        const int NeedsLength = DayProfile.Buckets * sizeof(float);
        return new(
            [.. MemoryMarshal.Cast<byte, float>(bytes.AsSpan(0, NeedsLength))], ImmutableArray.Create(bytes.AsSpan(NeedsLength, DayProfile.Buckets)));
    }
}
