using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Fury.Sdk.Aws;
using Fury.Sdk.Drivers;
using Fury.Sdk.KeyValue;

namespace Fury.Sdk.DynamoDb;

/// <summary>
/// An item for each entry: <c>p</c> is the partition, <c>s</c> the sort part, <c>v</c> the envelope, <c>r</c> a revision that each write makes anew,
/// <c>e</c> when DynamoDB may drop it, in seconds since 1970, if the table's time to live is set to that attribute. A binding's resource is
/// <c>TABLE</c> or <c>TABLE/PREFIX</c>, whose prefix lets several services have one table.
/// </summary>
internal sealed class DynamoKeyValue : IKeyValueDriver
{
    /// <summary>DynamoDB may drop what has expired so much later: its clock need not be ours.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(1);

    /// <summary>In the place of an empty sort part, which DynamoDB does not take; no key has this character, and it is before all others.</summary>
    private const string NoSort = "\0";

    private readonly AwsJsonClient _client;
    private readonly string _table;
    private readonly string _prefix;

    public DynamoKeyValue(DriverContext context)
    {
        _client = new AwsJsonClient(context, "DynamoDB", "dynamodb", "DynamoDB_20120810", "1.0");
        var slash = context.Route.Resource.IndexOf('/');
        (_table, _prefix) = slash < 0
            ? (context.Route.Resource, "")
            : (context.Route.Resource[..slash], context.Route.Resource[(slash + 1)..] + ":");
    }

    public string Provider => DynamoDbProvider.Name;

    public bool EndsAtOnce => true;

    public CapabilitySet Declared { get; } = CapabilitySet.Native(
        KeyValueCapabilities.Cas, KeyValueCapabilities.TimeToLive, KeyValueCapabilities.PrefixScan, KeyValueCapabilities.StrongRead);

    public async ValueTask ProbeAsync(CancellationToken cancellation) => await _client.Call(
        "DescribeTable", new DynamoTable(_table), DynamoJson.Default.DynamoTable, DynamoJson.Default.DynamoNothing, cancellation);

    public async ValueTask<KvItem?> GetAsync(KvKey key, ReadConsistency consistency, CancellationToken cancellation)
    {
        var get = new DynamoGet(_table, Key(key), consistency == ReadConsistency.Strong);
        var found = await _client.Call("GetItem", get, DynamoJson.Default.DynamoGet, DynamoJson.Default.DynamoFound, cancellation);
        return found.Item is { } item ? new KvItem(key, item["v"].B!, item["r"].S!) : null;
    }

    public async ValueTask<KvWritten> WriteAsync(KvStep step, CancellationToken cancellation)
    {
        try
        {
            return step.Kind switch
            {
                KvStepKind.Put => await Put(step, cancellation),
                KvStepKind.Delete => await Delete(step, cancellation),
                _ => throw new NotSupportedException(),
            };
        }
        catch (FuryException refused) when (refused.Code == FuryErrorCode.PreconditionFailed)
        {
            return new KvWritten(false, null);
        }
    }

    public async ValueTask<IReadOnlyList<KvItem>> ScanAsync(
        string partition, string prefix, string? after, int limit, CancellationToken cancellation)
    {
        var values = new Dictionary<string, DynamoValue> { [":p"] = new(_prefix + partition) };
        if (prefix.Length > 0)
        {
            values[":s"] = new DynamoValue(prefix);
        }

        List<KvItem> items = [];
        var from = after is null ? null : Key(new KvKey(partition, after));
        do
        {
            // DynamoDB ends a page at 1 MB.
            var query = new DynamoQuery(
                _table, prefix.Length > 0 ? "p = :p AND begins_with(s, :s)" : "p = :p", values, from, limit - items.Count);
            var page = await _client.Call("Query", query, DynamoJson.Default.DynamoQuery, DynamoJson.Default.DynamoPage, cancellation);
            items.AddRange((page.Items ?? []).Select(item => Item(partition, item)));
            from = page.LastEvaluatedKey;
        }
        while (from is not null && items.Count < limit);
        return items;
    }

    /// <summary>Looks at all of the table, also where other services have their entries in it.</summary>
    public async ValueTask<KvKeyPage> KeysAsync(string? from, int limit, CancellationToken cancellation)
    {
        var start = from is null ? null : JsonSerializer.Deserialize(from, DynamoJson.Default.DictionaryStringDynamoValue);
        var filter = _prefix.Length > 0 ? "begins_with(p, :p)" : null;
        var values = filter is null ? null : new Dictionary<string, DynamoValue> { [":p"] = new(_prefix) };
        List<KvKey> keys = [];
        do
        {
            // The limit counts what is looked at: among the entries of others a page may be empty, and not the last.
            var scan = new DynamoScan(_table, filter, values, start, limit);
            var page = await _client.Call("Scan", scan, DynamoJson.Default.DynamoScan, DynamoJson.Default.DynamoPage, cancellation);
            keys.AddRange((page.Items ?? []).Select(item => new KvKey(item["p"].S![_prefix.Length..], Sort(item))));
            start = page.LastEvaluatedKey;
        }
        while (start is not null && keys.Count == 0);
        return new KvKeyPage(keys, start is null ? null : JsonSerializer.Serialize(start, DynamoJson.Default.DictionaryStringDynamoValue));
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }

    private static KvItem Item(string partition, Dictionary<string, DynamoValue> item) =>
        new(new KvKey(partition, Sort(item)), item["v"].B!, item["r"].S!);

    private static string? Sort(Dictionary<string, DynamoValue> item) => item["s"].S == NoSort ? null : item["s"].S;

    private async Task<KvWritten> Put(KvStep step, CancellationToken cancellation)
    {
        var revision = RandomNumberGenerator.GetHexString(32, lowercase: true);
        var item = Key(step.Key);
        item["v"] = new DynamoValue(B: step.Value.ToArray());
        item["r"] = new DynamoValue(revision);
        if (step.ExpiresAt is { } end)
        {
            item["e"] = new DynamoValue(N: (end + Grace).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
        }

        var put = new DynamoPut(_table, item, Condition(step.Guard), Values(step.Guard));
        await _client.Call("PutItem", put, DynamoJson.Default.DynamoPut, DynamoJson.Default.DynamoNothing, cancellation);
        return new KvWritten(true, revision);
    }

    private async Task<KvWritten> Delete(KvStep step, CancellationToken cancellation)
    {
        var delete = new DynamoDelete(_table, Key(step.Key), Condition(step.Guard), Values(step.Guard));
        var gone = await _client.Call("DeleteItem", delete, DynamoJson.Default.DynamoDelete, DynamoJson.Default.DynamoGone, cancellation);
        return new KvWritten(gone.Attributes is { Count: > 0 }, null);
    }

    private static string? Condition(KvGuard guard) => guard.IsNone ? null : guard.IsAbsent ? "attribute_not_exists(p)" : "r = :r";

    private static Dictionary<string, DynamoValue>? Values(KvGuard guard) =>
        guard.Revision is { } revision ? new Dictionary<string, DynamoValue> { [":r"] = new(revision) } : null;

    private Dictionary<string, DynamoValue> Key(KvKey key) => new()
    {
        ["p"] = new DynamoValue(_prefix + key.Partition),
        ["s"] = new DynamoValue(string.IsNullOrEmpty(key.Sort) ? NoSort : key.Sort),
    };
}
