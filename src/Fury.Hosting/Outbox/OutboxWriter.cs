using System.Text.Json;
using Dapper;
using Fury.Kernel;

namespace Fury.Hosting;

/// <summary>Writes a transaction's events into it.</summary>
internal static class OutboxWriter
{
    /// <summary>
    /// Transactions that tell of the same key commit one after the other from here on, so that ids of one key grow in the order of commits.
    /// The locks are taken in one order everywhere, so they cannot wait for each other in a circle.
    /// </summary>
    private const string WriteSql = """
        select pg_advisory_xact_lock(1179992697, hash)
          from (select distinct hashtext(key) as hash from unnest(@keys) as key order by 1) as sorted;

        insert into hosting.outbox (type, key, body)
        select type, key, body::jsonb
          from unnest(@types, @keys, @bodies) with ordinality as news (type, key, body, position)
         order by position
        """;

    public static async Task Write(Transaction transaction, CancellationToken cancellation)
    {
        if (transaction.News.Count == 0)
        {
            return;
        }

        var rows = new
        {
            types = transaction.News.Select(news => TypeName(news.GetType())).ToArray(),
            keys = transaction.News.Select(news => news.Key).ToArray(),
            bodies = transaction.News.Select(news => JsonSerializer.Serialize(news, news.GetType(), FuryJson.Options)).ToArray(),
        };
        await transaction.Connection.ExecuteAsync(new CommandDefinition(WriteSql, rows, transaction.Inner, cancellationToken: cancellation));
    }

    /// <summary>How an event is named in the table. It is part of what a release must still read after an upgrade.</summary>
    public static string TypeName(Type type) => type.FullName!;
}
