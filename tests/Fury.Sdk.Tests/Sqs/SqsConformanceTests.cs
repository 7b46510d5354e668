using Fury.Sdk.Bindings;
using Fury.Sdk.Messaging;
using Fury.Sdk.Sqs;
using Fury.Sdk.Tests.Conformance;
using Fury.Sdk.Tests.Matrix;
using Fury.Testing;

namespace Fury.Sdk.Tests.Sqs;

/// <summary>fauxqs keeps what the driver of SQS says. The real SQS has not been asked.</summary>
[RunsAgainst(SqsProvider.Name, SqsConformanceTests.Fauxqs, NeverAsked = "Amazon SQS")]
public sealed class SqsConformanceTests(FauxqsServer server) : IClassFixture<FauxqsServer>
{
    internal const string Fauxqs = "the emulator fauxqs, which looks at no signature";

    public static TheoryData<string> Names => RealServer.Names(ServiceKind.Queue);

    [Theory]
    [MemberData(nameof(Names))]
    public Task A_queue_keeps(string name) => new RealServer(SqsProvider.Factories, (_, resource) => Route(server, resource)).Keeps(
        name, MessagingCapabilities.OrderingKey, MessagingCapabilities.Delay, MessagingCapabilities.Deduplication);

    internal static ServiceRoute Route(FauxqsServer server, string resource) =>
        new(SqsProvider.Name, "direct", server.Endpoint, "us-east-1", resource) { Credential = AwsServer.Credential };
}

/// <summary>The same of queues with order, beside those without: most of the time both wait for leases to end.</summary>
[RunsAgainst(SqsProvider.Name, SqsConformanceTests.Fauxqs, NeverAsked = "Amazon SQS", Resource = "matrix.fifo")]
public sealed class SqsOrderConformanceTests(FauxqsServer server) : IClassFixture<FauxqsServer>
{
    public static TheoryData<string> Names => RealServer.Names(ServiceKind.Queue);

    [Theory]
    [MemberData(nameof(Names))]
    public Task A_queue_with_order_keeps(string name) =>
        new RealServer(SqsProvider.Factories, (_, resource) => SqsConformanceTests.Route(server, resource + ".fifo")).Keeps(
            name, MessagingCapabilities.Delay, MessagingCapabilities.Deduplication);
}
