using System.Security.Cryptography;
using Fury.Sdk.Objects;
using static Fury.Sdk.Conformance.Expect;

namespace Fury.Sdk.Conformance.Contract;

internal static class ObjectWriterContract
{
    private const int TwoPartsAndABit = (2 * ObjectParts.First) + 1234;

    private static readonly Section Objects = new(ServiceKind.Objects, ConformanceLevel.Contract);

    public static IEnumerable<ConformanceTest> Tests =>
    [
        Objects.Core("objects: an object of several parts is whole", async run =>
        {
            var bucket = await run.Objects();
            var content = Content();
            using var stream = new MemoryStream(content);
            var written = await bucket.WriteAsync("big", stream);
            Equal((long)content.Length, written.Length);
            True(SHA256.HashData(NotNull(await bucket.ReadBytesAsync("big"))).SequenceEqual(SHA256.HashData(content)));
            var middle = await bucket.ReadBytesAsync("big", new ObjectReadOptions { Offset = ObjectParts.First - 5, Length = 10 });
            True(NotNull(middle).AsSpan().SequenceEqual(content.AsSpan(ObjectParts.First - 5, 10)));
        }),
        Objects.Core("objects: a writer that is disposed leaves nothing", async run =>
        {
            var bucket = await run.Objects();
            await using (var small = await bucket.OpenWriteAsync("small"))
            {
                await small.WriteAsync(Bytes("half"));
            }

            await using (var large = await bucket.OpenWriteAsync("large"))
            {
                await large.WriteAsync(Content());
                True(await bucket.GetPropertiesAsync("large") is null);
            }

            Equal(0, (await All(bucket.List())).Count);
            True(run.Faults.Calls.Any(call => call.Operation == "AbortUploadAsync"));
        }),
        Objects.Core("objects: nothing of a writer is seen before its commit", async run =>
        {
            var bucket = await run.Objects();
            await bucket.WriteAsync("a", Bytes("old"));
            await using var writer = await bucket.OpenWriteAsync("a");
            await writer.WriteAsync(Content());
            Equal("old", Text(await bucket.ReadBytesAsync("a")));
            Equal((long)TwoPartsAndABit, (await writer.CommitAsync()).Length);
        }),
        Objects.Core("objects: a suspended writer goes on", async run =>
        {
            var bucket = await run.Objects();
            var content = Content();
            var writer = await bucket.OpenWriteAsync("a");
            await writer.WriteAsync(content.AsMemory(0, ObjectParts.First + 10));
            var (token, from) = (NotNull(writer.ResumeToken), (int)writer.Resumable);
            writer.Suspend();
            await using var resumed = await bucket.ResumeWriteAsync(token);
            await resumed.WriteAsync(content.AsMemory(from));
            await resumed.CommitAsync();
            True(NotNull(await bucket.ReadBytesAsync("a")).SequenceEqual(content));
        }),
        Objects.With(ObjectCapabilities.ConditionalCreate, "objects: the condition of a writer is checked at its commit", async run =>
        {
            var bucket = await run.Objects();
            await using var writer = await bucket.OpenWriteAsync("a", new ObjectWriteOptions { Condition = WriteCondition.IfAbsent });
            await writer.WriteAsync(Content());
            await bucket.WriteAsync("a", Bytes("first"));
            await Fails(FuryErrorCode.AlreadyExists, () => writer.CommitAsync());
            Equal("first", Text(await bucket.ReadBytesAsync("a")));
        }),
        Objects.With(ObjectCapabilities.Checksum, "objects: the checksum of all parts is kept", async run =>
        {
            var bucket = await run.Objects();
            var content = Content();
            using var stream = new MemoryStream(content);
            await bucket.WriteAsync("a", stream);
            True(NotNull(await bucket.GetPropertiesAsync("a")).Sha256.Span.SequenceEqual(SHA256.HashData(content)));
        }),
    ];

    private static byte[] Content()
    {
        var bytes = new byte[TwoPartsAndABit];
        new Random(7).NextBytes(bytes);
        return bytes;
    }
}
