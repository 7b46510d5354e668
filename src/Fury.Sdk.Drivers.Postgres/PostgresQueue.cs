using System.Text.Json;
using System.Text.Json.Serialization;
using Fury.Sdk.Messaging;

namespace Fury.Sdk.Drivers.Postgres;

[JsonSerializable(typeof(Dictionary<string, string>))]
[JsonSerializable(typeof(IReadOnlyDictionary<string, string>))]
internal sealed partial class HeadersJson : JsonSerializerContext;

/// <summary>
/// A leased message is one that is visible later, under a token. Of an ordering key only the first that is there is given, so a key waits for it. All
/// times are the database's.
/// </summary>
internal sealed class PostgresQueue(DriverContext context, string connectionString) : PostgresDriver(context, connectionString), IQueueDriver
{
    private const string SendSql = $"""
        with mine (resource) as (select $1::text),
        {ForgetSql}
        insert into fury_sdk.message (resource, side, message_id, body, headers, ordering_key, visible_at, enqueued_at)
        select $1, 0, $2, $3, $4, $6, now() + $7, now() where $5::text is null or exists (select from told)
        """;

    private const string ReceiveSql = """
        update fury_sdk.message m set token = gen_random_uuid(), visible_at = now() + $4, deliveries = deliveries + 1
          from (select n.id from fury_sdk.message n
                 where n.resource = $1 and n.side = $2 and n.visible_at <= now()
                   and (n.ordering_key is null or not exists (
                         select from fury_sdk.message e
                          where e.resource = n.resource and e.side = n.side and e.ordering_key = n.ordering_key and e.id < n.id))
                 order by n.id limit $3 for update skip locked) next
         where m.id = next.id
        returning m.id, m.message_id, m.body, m.headers, m.ordering_key, m.token, m.deliveries, m.enqueued_at, m.visible_at, m.reason
        """;

    private const string CompleteSql = "delete from fury_sdk.message where resource = $1 and token = $2 and visible_at > now()";

    private const string AbandonSql = """
        update fury_sdk.message set token = null, visible_at = now() + $3 where resource = $1 and token = $2 and visible_at > now()
        """;

    private const string DeadLetterSql = """
        update fury_sdk.message set side = 1, reason = $3, token = null, visible_at = now(), deliveries = 0
         where resource = $1 and token = $2 and side = 0 and visible_at > now()
        """;

    private const string RedriveSql = """
        update fury_sdk.message set side = 0, reason = null, token = null, visible_at = now(), deliveries = 0, enqueued_at = now()
         where resource = $1 and token = $2 and side = 1 and visible_at > now()
        """;

    private const string RenewSql = """
        update fury_sdk.message set visible_at = now() + $3 where resource = $1 and token = $2 and visible_at > now() returning visible_at
        """;

    private const string DepthSql = """
        select count(*) filter (where side = 0 and visible_at <= now()),
               count(*) filter (where side = 0 and visible_at > now() and token is not null),
               count(*) filter (where side = 0 and visible_at > now() and token is null),
               count(*) filter (where side = 1)
          from fury_sdk.message where resource = $1
        """;

    private static readonly Polling Looks = new(TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(250));

    private readonly TimeProvider _clock = context.Clock;
    private readonly IReadOnlyDictionary<string, string> _filter = context.Filter;

    public override CapabilitySet Declared { get; } = CapabilitySet.Native(
        MessagingCapabilities.OrderingKey,
        MessagingCapabilities.Delay,
        MessagingCapabilities.Deduplication,
        MessagingCapabilities.Renew,
        MessagingCapabilities.Redrive,
        MessagingCapabilities.TimeToLive,
        MessagingCapabilities.Depth,
        MessagingCapabilities.Filter);

    /// <summary>A resource <c>TOPIC/NAME</c> is a subscription, which its topic gets to know.</summary>
    public override async ValueTask ProbeAsync(CancellationToken cancellation)
    {
        await base.ProbeAsync(cancellation);
        if (Resource.IndexOf('/') is > 0 and var slash)
        {
            var (sql, parameters) = PostgresTopic.Subscription(Resource, slash, _filter);
            await using var command = Command(sql, parameters);
            await command.ExecuteNonQueryAsync(cancellation);
        }
    }

    public async ValueTask<bool> SendAsync(DriverMessage message, CancellationToken cancellation)
    {
        var headers = JsonSerializer.Serialize(message.Headers, HeadersJson.Default.IReadOnlyDictionaryStringString);
        await using var command = Command(
            SendSql, message.Id, message.Body.ToArray(), headers, message.DeduplicationId, message.OrderingKey, message.Delay);
        return await command.ExecuteNonQueryAsync(cancellation) == 0;
    }

    public ValueTask<IReadOnlyList<DriverDelivery>> ReceiveAsync(
        QueueSide side, int max, TimeSpan lease, TimeSpan wait, CancellationToken cancellation) =>
        Looks.FindAsync(() => Take(side, max, lease, cancellation), wait, _clock, cancellation);

    public ValueTask CompleteAsync(QueueSide side, string token, CancellationToken cancellation) => Settle(CompleteSql, token, null, cancellation);

    public ValueTask AbandonAsync(QueueSide side, string token, TimeSpan delay, CancellationToken cancellation) =>
        Settle(AbandonSql, token, delay, cancellation);

    public ValueTask DeadLetterAsync(string token, string reason, CancellationToken cancellation) =>
        Settle(DeadLetterSql, token, reason, cancellation);

    public ValueTask RedriveAsync(string token, CancellationToken cancellation) => Settle(RedriveSql, token, null, cancellation);

    public async ValueTask<DateTimeOffset> RenewAsync(QueueSide side, string token, TimeSpan lease, CancellationToken cancellation)
    {
        await using var command = Command(RenewSql, Guid.Parse(token), lease);
        return await command.ExecuteScalarAsync(cancellation) is DateTime end ? end : throw Lost();
    }

    public async ValueTask<QueueDepth> GetDepthAsync(CancellationToken cancellation)
    {
        await using var command = Command(DepthSql);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        await reader.ReadAsync(cancellation);
        return new QueueDepth(reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3));
    }

    private async ValueTask<IReadOnlyList<DriverDelivery>> Take(QueueSide side, int max, TimeSpan lease, CancellationToken cancellation)
    {
        await using var command = Command(ReceiveSql, (short)side, max, lease);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        List<(long Id, DriverDelivery Delivery)> taken = [];
        while (await reader.ReadAsync(cancellation))
        {
            var headers = JsonSerializer.Deserialize(reader.GetString(3), HeadersJson.Default.DictionaryStringString)!;
            var message = new DriverMessage(reader.GetString(1), reader.GetFieldValue<byte[]>(2), headers)
            {
                OrderingKey = reader.IsDBNull(4) ? null : reader.GetString(4),
            };
            taken.Add((reader.GetInt64(0), new DriverDelivery(
                message, reader.GetGuid(5).ToString("N"), reader.GetInt32(6), reader.GetDateTime(7), reader.GetDateTime(8))
            {
                DeadLetterReason = reader.IsDBNull(9) ? null : reader.GetString(9),
            }));
        }

        return [.. taken.OrderBy(each => each.Id).Select(each => each.Delivery)];
    }

    private async ValueTask Settle(string sql, string token, object? more, CancellationToken cancellation)
    {
        await using var command = more is null ? Command(sql, Guid.Parse(token)) : Command(sql, Guid.Parse(token), more);
        if (await command.ExecuteNonQueryAsync(cancellation) == 0)
        {
            throw Lost();
        }
    }

    private static FuryException Lost() => new(FuryErrorCode.LeaseLost, "The lease of the message is over; it may be another's by now.");
}
