using System.Globalization;
using Fury.Sdk.Checks;
using Fury.Sdk.Drivers;
using Fury.Sdk.Objects;

namespace Fury.Sdk.Local;

internal sealed partial class LocalObjects(TimeProvider clock) : LocalDriver(
    ObjectCapabilities.ConditionalCreate,
    ObjectCapabilities.ConditionalUpdate,
    ObjectCapabilities.UniqueETag,
    ObjectCapabilities.StrongListing,
    ObjectCapabilities.TimeToLive,
    ObjectCapabilities.Checksum), IObjectDriver
{
    private readonly Lock _gate = new();
    private readonly SortedList<string, Stored> _objects = new(Utf8Order.Instance);
    private readonly Dictionary<string, Upload> _uploads = [];
    private long _counter;

    /// <summary>Uploads that were begun and neither committed nor aborted.</summary>
    internal int UploadsOpen
    {
        get
        {
            lock (_gate)
            {
                return _uploads.Count;
            }
        }
    }

    public ValueTask<ObjectProperties?> HeadAsync(string key, CancellationToken cancellation)
    {
        lock (_gate)
        {
            return ValueTask.FromResult(Find(key)?.Properties);
        }
    }

    public ValueTask<DriverObject?> OpenAsync(string key, long offset, long? length, CancellationToken cancellation)
    {
        lock (_gate)
        {
            return ValueTask.FromResult(
                Find(key) is { } stored ? new DriverObject(stored.Properties, new PartsStream(stored.Parts, offset, length)) : null);
        }
    }

    public ValueTask<ObjectPut> PutAsync(
        string key, ReadOnlyMemory<byte> body, ObjectHeaders headers, ReadOnlyMemory<byte> sha256, WriteCondition condition,
        CancellationToken cancellation)
    {
        lock (_gate)
        {
            return ValueTask.FromResult(Store(key, [body.ToArray()], headers, sha256, condition));
        }
    }

    public ValueTask<bool?> DeleteAsync(string key, WriteCondition condition, CancellationToken cancellation)
    {
        lock (_gate)
        {
            var there = Find(key);
            return ValueTask.FromResult<bool?>(
                !Holds(condition, there) ? null
                : there is not null && _objects.Remove(key));
        }
    }

    public ValueTask<ObjectPut> CopyAsync(string source, string target, WriteCondition condition, CancellationToken cancellation)
    {
        lock (_gate)
        {
            return ValueTask.FromResult(Find(source) is { } from
                ? Store(target, from.Parts, from.Headers, from.Properties.Sha256, condition)
                : new ObjectPut(true, null));
        }
    }

    public ValueTask<IReadOnlyList<ObjectListItem>> ListAsync(
        string prefix, char? delimiter, string? after, int limit, CancellationToken cancellation)
    {
        List<ObjectListItem> items = [];
        lock (_gate)
        {
            foreach (var key in _objects.Keys)
            {
                if (items.Count == limit)
                {
                    break;
                }

                var inAfterFolder = delimiter is { } mark && after is not null && after.EndsWith(mark) && after.Length > prefix.Length
                    && key.StartsWith(after, StringComparison.Ordinal);
                if (!key.StartsWith(prefix, StringComparison.Ordinal) || inAfterFolder
                    || (after is not null && Utf8Order.Instance.Compare(key, after) <= 0) || Find(key) is not { } stored)
                {
                    continue;
                }

                var cut = delimiter is { } each ? key.IndexOf(each, prefix.Length) : -1;
                if (cut < 0)
                {
                    var properties = stored.Properties;
                    items.Add(new ObjectListItem(key, properties.Length, properties.ETag, properties.LastModified, false));
                }
                else if (items is not [.., { IsPrefix: true } last] || last.Key != key[..(cut + 1)])
                {
                    items.Add(new ObjectListItem(key[..(cut + 1)], 0, default, default, true));
                }
            }
        }

        return ValueTask.FromResult<IReadOnlyList<ObjectListItem>>(items);
    }

    private static bool Holds(WriteCondition condition, Stored? there) => condition.Rule switch
    {
        WriteRule.IfAbsent => there is null,
        WriteRule.IfMatch => there?.Properties.ETag == condition.Match,
        _ => true,
    };

    /// <summary>What is there and not over.</summary>
    private Stored? Find(string key) =>
        _objects.TryGetValue(key, out var stored) && (stored.Headers.ExpiresAt is not { } end || clock.GetUtcNow() < end) ? stored : null;

    private ObjectPut Store(
        string key, IReadOnlyList<byte[]> parts, ObjectHeaders headers, ReadOnlyMemory<byte> sha256, WriteCondition condition)
    {
        if (!Holds(condition, Find(key)))
        {
            return new ObjectPut(false, null);
        }

        var tag = new ETag((++_counter).ToString(CultureInfo.InvariantCulture));
        var properties = new ObjectProperties(
            key, parts.Sum(part => (long)part.Length), tag, headers.ContentType, clock.GetUtcNow(), headers.Metadata)
        {
            Sha256 = sha256,
            ContentEncoding = headers.ContentEncoding,
            CacheControl = headers.CacheControl,
            ContentDisposition = headers.ContentDisposition,
            ExpiresAt = headers.ExpiresAt,
        };
        _objects[key] = new Stored(properties, headers, parts);
        return new ObjectPut(true, properties);
    }

    private sealed record Stored(ObjectProperties Properties, ObjectHeaders Headers, IReadOnlyList<byte[]> Parts);
}
