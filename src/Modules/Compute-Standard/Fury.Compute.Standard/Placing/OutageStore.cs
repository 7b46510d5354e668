using Dapper;
using Fury.Hosting;
using Fury.Providers.Contracts;

namespace Fury.Compute.Standard.Placing;

/// <summary>Places that had no capacity or quota left when they were last asked. What one pool has found out holds for all.</summary>
internal interface IOutageStore
{
    /// <summary>Those that are not over by the database's clock.</summary>
    Task<IReadOnlySet<Place>> Now(CancellationToken cancellation);

    /// <summary>Notes that the place has none left, for <see cref="OutageStore.First"/>, and twice as long each time that this is found again.</summary>
    Task Note(Place place, string reason, CancellationToken cancellation);
}

/// <inheritdoc/>
internal sealed class OutageStore(IDatabase database) : IOutageStore
{
    public static readonly TimeSpan First = TimeSpan.FromMinutes(1);
    public static readonly TimeSpan Max = TimeSpan.FromMinutes(15);

    /// <summary>Where nothing was found out for so long, the next outage is a first one.</summary>
    private static readonly TimeSpan Memory = TimeSpan.FromHours(1);

    private const string NowSql = "select provider, region, zone, type, market from standard.outage where until > now()";

    private const string NoteSql = """
        with forgotten as (delete from standard.outage where until < now() - @memory)
        insert into standard.outage (provider, region, zone, type, market, until, pause, reason)
        values (@provider, @region, @zone, @type, @market, now() + @first, @first, @reason)
        on conflict (provider, region, zone, type, market) do update
           set pause = case when outage.until < now() - @memory then @first
                            when outage.until < now() then least(outage.pause * 2, @max)
                            else outage.pause end,
               until = case when outage.until < now() - @memory then now() + @first
                            when outage.until < now() then now() + least(outage.pause * 2, @max)
                            else outage.until end,
               reason = excluded.reason
        """;

    public async Task<IReadOnlySet<Place>> Now(CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        var rows = await connection.QueryAsync<(string Provider, string Region, string Zone, string Type, string Market)>(
            new CommandDefinition(NowSql, cancellationToken: cancellation));
        return rows
            .Select(row => new Place(row.Provider, row.Region, Given(row.Zone), Given(row.Type), Kernel.Word.Read<Market>(row.Market)))
            .ToHashSet();
    }

    public async Task Note(Place place, string reason, CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        var row = new
        {
            place.Provider,
            place.Region,
            zone = place.Zone ?? "",
            type = place.Type ?? "",
            market = Kernel.Word.Of(place.Market),
            reason,
            memory = Memory,
            first = First,
            max = Max,
        };
        await connection.ExecuteAsync(new CommandDefinition(NoteSql, row, cancellationToken: cancellation));
    }

    private static string? Given(string text) => text.Length == 0 ? null : text;
}
