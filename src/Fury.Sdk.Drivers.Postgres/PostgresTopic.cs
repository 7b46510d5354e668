using System.Text.Json;
using Fury.Sdk.Messaging;

namespace Fury.Sdk.Drivers.Postgres;

/// <summary>
/// A message is put into the queues of all subscriptions that want it, in one statement: all of them have it, or none. A subscription is there from when
/// its queue <c>TOPIC/NAME</c> was first bound, and stays.
/// </summary>
internal sealed class PostgresTopic(DriverContext context, string connectionString) : PostgresDriver(context, connectionString), ITopicDriver
{
    private const string PublishSql = $"""
        with mine (resource) as (select 'topic ' || $1::text),
        {ForgetSql},
        put as (
          insert into fury_sdk.message (resource, side, message_id, body, headers, ordering_key, visible_at, enqueued_at)
          select s.resource, 0, $2, $3, $4, $6, now() + $7, now()
            from fury_sdk.subscription s
           where s.topic = $1 and ($4::text)::jsonb @> s.filter and ($5::text is null or exists (select from told)))
        select $5::text is not null and not exists (select from told)
        """;

    private const string SubscribeSql = """
        insert into fury_sdk.subscription (topic, resource, filter) values ($2, $1, $3::jsonb)
        on conflict (topic, resource) do update set filter = excluded.filter
        """;

    /// <summary>As the portable layer names the application's own attributes.</summary>
    private const string Attribute = "a-";

    public override CapabilitySet Declared { get; } = CapabilitySet.Native(
        MessagingCapabilities.OrderingKey,
        MessagingCapabilities.Delay,
        MessagingCapabilities.Deduplication,
        MessagingCapabilities.Filter);

    public async ValueTask<bool> PublishAsync(DriverMessage message, CancellationToken cancellation)
    {
        var headers = JsonSerializer.Serialize(message.Headers, HeadersJson.Default.IReadOnlyDictionaryStringString);
        await using var command = Command(
            PublishSql, message.Id, message.Body.ToArray(), headers, message.DeduplicationId, message.OrderingKey, message.Delay);
        return (bool)(await command.ExecuteScalarAsync(cancellation))!;
    }

    /// <summary>What lets a topic know of a subscription, and of which messages it wants, with the name of its queue first.</summary>
    public static (string Sql, object?[] Parameters) Subscription(string queue, int slash, IReadOnlyDictionary<string, string> filter) => (
        SubscribeSql,
        [queue[..slash], JsonSerializer.Serialize(filter.ToDictionary(each => Attribute + each.Key, each => each.Value),
            HeadersJson.Default.DictionaryStringString)]);
}
