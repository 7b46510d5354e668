using Fury.Sdk.Caching;
using Fury.Sdk.KeyValue;
using Fury.Sdk.Messaging;
using Fury.Sdk.Objects;
using Fury.Sdk.Secrets;
using static Fury.Sdk.Conformance.Expect;

namespace Fury.Sdk.Conformance.Contract;

/// <summary>What a binding does not attest is refused before any I/O, whatever the driver would do.</summary>
internal static class AbsenceContract
{
    public static IEnumerable<ConformanceTest> Tests =>
    [
        Kv(KeyValueCapabilities.Cas, "a condition", store => store.SetAsync("a", Bytes("1"), new KvWriteOptions { Condition = WriteCondition.IfAbsent })),
        Kv(KeyValueCapabilities.Cas, "an increment", store => store.IncrementAsync("a")),
        Kv(KeyValueCapabilities.TimeToLive, "a time to live", store =>
            store.SetAsync("a", Bytes("1"), new KvWriteOptions { TimeToLive = TimeSpan.FromDays(1) })),
        Kv(KeyValueCapabilities.PrefixScan, "a scan", store => All(store.Scan("p"))),
        Kv(KeyValueCapabilities.PartitionTransaction, "a transaction", store => store.TransactAsync([new KvPut("a", Bytes("1"))])),
        Objects(ObjectCapabilities.ConditionalCreate, "create if absent", bucket =>
            bucket.WriteAsync("a", Bytes("1"), new ObjectWriteOptions { Condition = WriteCondition.IfAbsent })),
        Objects(ObjectCapabilities.ConditionalUpdate, "update if match", bucket =>
            bucket.WriteAsync("a", Bytes("1"), new ObjectWriteOptions { Condition = WriteCondition.IfMatch(new ETag("x")) })),
        Objects(ObjectCapabilities.TimeToLive, "a time to live", bucket =>
            bucket.WriteAsync("a", Bytes("1"), new ObjectWriteOptions { TimeToLive = TimeSpan.FromDays(1) })),
        Objects(ObjectCapabilities.AccessUrl, "an access url", bucket =>
            bucket.CreateAccessUrlAsync("a", new AccessUrlOptions(UrlAccess.Read, TimeSpan.FromMinutes(1)))),
        Queue(MessagingCapabilities.OrderingKey, "an ordering key", queue => queue.SendAsync(new OutgoingMessage(Bytes("1")) { OrderingKey = "k" })),
        Queue(MessagingCapabilities.Delay, "a delay", queue => queue.SendAsync(new OutgoingMessage(Bytes("1")) { Delay = TimeSpan.FromSeconds(9) })),
        Queue(MessagingCapabilities.Deduplication, "deduplication", queue =>
            queue.SendAsync(new OutgoingMessage(Bytes("1")) { DeduplicationId = "d" })),
        Queue(MessagingCapabilities.Depth, "the depth", queue => queue.GetDepthAsync().AsTask()),
        Queue(MessagingCapabilities.Redrive, "redriving", queue => queue.DeadLetters.RedriveAsync()),
        Of(ServiceKind.Cache, CacheCapabilities.Tags, "a tag", (fury, name) => fury.Cache(name), cache => cache.RemoveByTagAsync("t").AsTask()),
        Of(ServiceKind.Secrets, SecretCapabilities.Encrypt, "encrypting", (fury, name) => fury.Secrets(name), vault =>
            vault.EncryptAsync("k", Bytes("x")).AsTask()),
    ];

    private static ConformanceTest Kv(Capability capability, string what, Func<KeyValueStore, Task> use) =>
        Of(ServiceKind.KeyValue, capability, what, (fury, name) => fury.KeyValue(name), use);

    private static ConformanceTest Objects(Capability capability, string what, Func<ObjectBucket, Task> use) =>
        Of(ServiceKind.Objects, capability, what, (fury, name) => fury.Objects(name), use);

    private static ConformanceTest Queue(Capability capability, string what, Func<MessageQueue, Task> use) =>
        Of(ServiceKind.Queue, capability, what, (fury, name) => fury.Queue(name), use);

    private static ConformanceTest Of<THandle>(
        ServiceKind kind, Capability capability, string what, Func<IFury, string, THandle> handle, Func<THandle, Task> use) =>
        new($"absent {capability}: {what} is refused before any io", kind, ConformanceLevel.Contract, [], async run =>
        {
            var service = await run.Open(kind, handle, without: [capability]);
            run.Faults.Clear();
            var refused = await Fails(FuryErrorCode.CapabilityNotSupported, () => use(service));
            True(refused.Message.Contains(capability.Name, StringComparison.Ordinal));
            Equal(0, run.Faults.Calls.Count);
        });
}
