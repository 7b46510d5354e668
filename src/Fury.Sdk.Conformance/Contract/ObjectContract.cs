using System.Security.Cryptography;
using Fury.Sdk.Objects;
using static Fury.Sdk.Conformance.Expect;

namespace Fury.Sdk.Conformance.Contract;

internal static class ObjectContract
{
    private static readonly Section Objects = new(ServiceKind.Objects, ConformanceLevel.Contract);

    public static IEnumerable<ConformanceTest> Tests =>
    [
        Objects.Core("objects: what was never written is absent", async run =>
        {
            var bucket = await run.Objects();
            True(await bucket.OpenReadAsync("a") is null);
            True(await bucket.GetPropertiesAsync("a") is null);
            True(!await bucket.DeleteAsync("a"));
        }),
        Objects.Core("objects: content and headers are kept", async run =>
        {
            var bucket = await run.Objects();
            var written = await bucket.WriteAsync("dir/a.txt", Bytes("hello"), new ObjectWriteOptions
            {
                ContentType = "text/plain",
                CacheControl = "max-age=60",
                ContentDisposition = "attachment",
                ContentEncoding = "identity",
                Metadata = new Dictionary<string, string> { ["owner"] = "Some One", ["x-1"] = "y" },
            });
            var read = NotNull(await bucket.GetPropertiesAsync("dir/a.txt"));
            Equal(("dir/a.txt", 5L, written.ETag), (read.Key, read.Length, read.ETag));
            Equal(("text/plain", "max-age=60", "attachment"), (read.ContentType, read.CacheControl, read.ContentDisposition));
            Sequence(["owner=Some One", "x-1=y"], read.Metadata.OrderBy(each => each.Key).Select(each => $"{each.Key}={each.Value}"));
            Equal("hello", Text(await bucket.ReadBytesAsync("dir/a.txt")));
        }),
        Objects.Core("objects: an empty object is an object", async run =>
        {
            var bucket = await run.Objects();
            await bucket.WriteAsync("a", ReadOnlyMemory<byte>.Empty);
            Equal(0, NotNull(await bucket.ReadBytesAsync("a")).Length);
        }),
        Objects.Core("objects: hostile keys are kept apart", async run =>
        {
            var bucket = await run.Objects();
            foreach (var key in Hostile.Keys)
            {
                await bucket.WriteAsync(key, Bytes(key));
            }

            foreach (var key in Hostile.Keys)
            {
                Equal(key, Text(await bucket.ReadBytesAsync(key)));
            }

            Equal(Hostile.Keys.Count, (await All(bucket.List())).Count);
        }),
        Objects.Core("objects: ranges are cut to what is there", async run =>
        {
            var bucket = await run.Objects();
            await bucket.WriteAsync("a", Bytes("0123456789"));
            foreach (var (offset, length, expected) in new[] { (2L, (long?)3, "234"), (8, 10, "89"), (5, null, "56789"), (10, 5, ""), (20, null, "") })
            {
                Equal(expected, Text(await bucket.ReadBytesAsync("a", new ObjectReadOptions { Offset = offset, Length = length })));
            }
        }),
        Objects.Core("objects: an unchanged object is not sent again", async run =>
        {
            var bucket = await run.Objects();
            var written = await bucket.WriteAsync("a", Bytes("1"));
            await using var same = NotNull(await bucket.OpenReadAsync("a", new ObjectReadOptions { IfNoneMatch = written.ETag }));
            True(same.NotModified);
            await bucket.WriteAsync("a", Bytes("2"));
            await using var other = NotNull(await bucket.OpenReadAsync("a", new ObjectReadOptions { IfNoneMatch = written.ETag }));
            True(!other.NotModified);
            await Fails(FuryErrorCode.PreconditionFailed, () => bucket.OpenReadAsync("a", new ObjectReadOptions { IfMatch = written.ETag }));
        }),
        Objects.Core("objects: content other than promised is refused and not seen", async run =>
        {
            var bucket = await run.Objects();
            var options = new ObjectWriteOptions { ExpectedSha256 = SHA256.HashData(Bytes("other")) };
            await Fails(FuryErrorCode.Corrupted, () => bucket.WriteAsync("a", Bytes("this"), options));
            True(await bucket.GetPropertiesAsync("a") is null);
            await bucket.WriteAsync("a", Bytes("other"), options);
        }),
        Objects.Core("objects: a delete tells whether there was something", async run =>
        {
            var bucket = await run.Objects();
            await bucket.WriteAsync("a", Bytes("1"));
            var deleted = await bucket.DeleteManyAsync(["a", "b"]);
            Sequence([true, false], deleted.Select(item => item.Result));
        }),
        Objects.Core("objects: a copy has content and metadata", async run =>
        {
            var bucket = await run.Objects();
            await bucket.WriteAsync("a", Bytes("1"), new ObjectWriteOptions { Metadata = new Dictionary<string, string> { ["m"] = "v" } });
            NotNull(await bucket.CopyAsync("a", "b"));
            await bucket.DeleteAsync("a");
            Equal("1", Text(await bucket.ReadBytesAsync("b")));
            Equal("v", NotNull(await bucket.GetPropertiesAsync("b")).Metadata["m"]);
            True(await bucket.CopyAsync("a", "c") is null);
        }),
        Objects.With(ObjectCapabilities.StrongListing, "objects: a listing is in the order of utf-8", async run =>
        {
            var bucket = await run.Objects();
            string[] sorted = ["A", "a", "a/b", "ab", "é", "鍵", "\uffee", "🔑"];
            foreach (var key in sorted.Reverse())
            {
                await bucket.WriteAsync(key, Bytes("x"));
            }

            Sequence(sorted, (await All(bucket.List())).Select(item => item.Key));
            Sequence(sorted[3..], (await All(bucket.List(new ObjectListOptions { StartAfter = "a/b" }))).Select(item => item.Key));
        }),
        Objects.With(ObjectCapabilities.StrongListing, "objects: folders are shown once", async run =>
        {
            var bucket = await run.Objects();
            foreach (var key in new[] { "a/1", "a/2", "a/3/4", "b", "c/1", "a0" })
            {
                await bucket.WriteAsync(key, Bytes("x"));
            }

            Sequence(["a/", "a0", "b", "c/"], (await Pages(bucket, new ObjectListOptions { Delimiter = '/' }, 1)).Select(item => item.Key));
            var within = new ObjectListOptions { Prefix = "a/", Delimiter = '/' };
            Sequence(["a/1", "a/2", "a/3/"], (await Pages(bucket, within, 2)).Select(item => item.Key));
            Sequence([false, false, true], (await Pages(bucket, within, 2)).Select(item => item.IsPrefix));
        }),
        Objects.With(ObjectCapabilities.StrongListing, "objects: pages go on where they ended, whatever changes between", async run =>
        {
            var bucket = await run.Objects();
            for (var index = 0; index < 7; index++)
            {
                await bucket.WriteAsync($"k{index}", Bytes("x"));
            }

            var pages = bucket.List().AsPages(pageSize: 3).GetAsyncEnumerator();
            await pages.MoveNextAsync();
            var token = pages.Current.ContinuationToken;
            await pages.DisposeAsync();
            await bucket.DeleteAsync("k2");
            await bucket.WriteAsync("k0a", Bytes("x"));
            List<string> rest = [];
            await foreach (var page in bucket.List().AsPages(token))
            {
                rest.AddRange(page.Items.Select(item => item.Key));
            }

            Sequence(["k3", "k4", "k5", "k6"], rest);
        }),
        Objects.Probe(ObjectCapabilities.ConditionalCreate, "objects: what is there is not created again", async run =>
        {
            var bucket = await run.Objects();
            var absent = new ObjectWriteOptions { Condition = WriteCondition.IfAbsent };
            await bucket.WriteAsync("a", Bytes("1"), absent);
            await Fails(FuryErrorCode.AlreadyExists, () => bucket.WriteAsync("a", Bytes("2"), absent));
            Equal("1", Text(await bucket.ReadBytesAsync("a")));
        }),
        Objects.Probe(ObjectCapabilities.ConditionalUpdate, "objects: a stale etag is refused", async run =>
        {
            var bucket = await run.Objects();
            var stale = (await bucket.WriteAsync("a", Bytes("1"))).ETag;
            var old = new ObjectWriteOptions { Condition = WriteCondition.IfMatch(stale) };
            await bucket.WriteAsync("a", Bytes("2"), old);
            await Fails(FuryErrorCode.PreconditionFailed, () => bucket.WriteAsync("a", Bytes("3"), old));
            await Fails(FuryErrorCode.PreconditionFailed, () => bucket.DeleteAsync("a", WriteCondition.IfMatch(stale)));
            Equal("2", Text(await bucket.ReadBytesAsync("a")));
        }),
        Objects.With(ObjectCapabilities.UniqueETag, "objects: the etag is another one after every write", async run =>
        {
            var bucket = await run.Objects();
            var first = await bucket.WriteAsync("a", Bytes("same"));
            True(first.ETag != (await bucket.WriteAsync("a", Bytes("same"))).ETag);
        }),
        Objects.With(ObjectCapabilities.ConditionalUpdate, "objects: an older fence is refused", async run =>
        {
            var bucket = await run.Objects();
            await bucket.WriteAsync("a", Bytes("2"), new ObjectWriteOptions { Fence = new FixedLease(2) });
            await Fails(FuryErrorCode.FencedOff, () => bucket.WriteAsync("a", Bytes("1"), new ObjectWriteOptions { Fence = new FixedLease(1) }));
            await bucket.WriteAsync("a", Bytes("3"), new ObjectWriteOptions { Fence = new FixedLease(3) });
            Equal("3", Text(await bucket.ReadBytesAsync("a")));
        }),
        Objects.With(ObjectCapabilities.TimeToLive, "objects: it expires at its time and not before", async run =>
        {
            var bucket = await run.Objects();
            await bucket.WriteAsync("a", Bytes("1"), new ObjectWriteOptions { TimeToLive = TimeSpan.FromSeconds(2) });
            await run.Advance(TimeSpan.FromSeconds(1));
            True(await bucket.GetPropertiesAsync("a") is not null);
            await run.Advance(TimeSpan.FromSeconds(1.1));
            True(await bucket.GetPropertiesAsync("a") is null);
            True(await bucket.ReadBytesAsync("a") is null);
        }),
    ];

    private static async Task<List<ObjectListItem>> Pages(ObjectBucket bucket, ObjectListOptions options, int size)
    {
        List<ObjectListItem> items = [];
        await foreach (var page in bucket.List(options).AsPages(pageSize: size))
        {
            items.AddRange(page.Items);
        }

        return items;
    }
}
