using Fury.Sdk.Bindings;
using Fury.Sdk.KeyValue;
using Fury.Sdk.Messaging;
using Fury.Sdk.Nats;
using Fury.Sdk.Tests.Conformance;
using Fury.Sdk.Tests.Matrix;
using Fury.Testing;

namespace Fury.Sdk.Tests.Nats;

/// <summary>A real NATS keeps what its drivers say.</summary>
[RunsAgainst(NatsProvider.Name, "a real `nats-server` with JetStream")]
public sealed class NatsConformanceTests(NatsServer server) : IClassFixture<NatsServer>
{
    public static TheoryData<string> Names =>
        RealServer.Names(ServiceKind.KeyValue, ServiceKind.Queue, ServiceKind.Topic, ServiceKind.Stream);

    [Theory]
    [MemberData(nameof(Names))]
    public Task NATS_keeps(string name) => new RealServer(NatsProvider.Factories, Route).Keeps(
        name,
        KeyValueCapabilities.PartitionTransaction,
        MessagingCapabilities.OrderingKey,
        MessagingCapabilities.Delay);

    private ServiceRoute Route(ServiceKind kind, string resource) => new(NatsProvider.Name, "direct", server.Endpoint, "local", resource);
}
