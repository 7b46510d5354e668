using Fury.Sdk.Bindings;
using Fury.Sdk.DynamoDb;
using Fury.Sdk.KeyValue;
using Fury.Sdk.Tests.Conformance;
using Fury.Sdk.Tests.Matrix;
using Fury.Testing;

namespace Fury.Sdk.Tests.DynamoDb;

/// <summary>dynalite keeps what the driver of DynamoDB says. The real DynamoDB has not been asked.</summary>
[RunsAgainst(DynamoDbProvider.Name, "the emulator dynalite, which looks at no signature and has no times to live", NeverAsked = "Amazon DynamoDB")]
public sealed class DynamoDbConformanceTests(DynaliteServer server) : IClassFixture<DynaliteServer>
{
    public static TheoryData<string> Names => RealServer.Names(ServiceKind.KeyValue);

    [Theory]
    [MemberData(nameof(Names))]
    public Task DynamoDB_keeps(string name) =>
        new RealServer(DynamoDbProvider.Factories, Route).Keeps(name, KeyValueCapabilities.PartitionTransaction);

    private ServiceRoute Route(ServiceKind kind, string resource) =>
        new(DynamoDbProvider.Name, "direct", server.Endpoint, "local", $"fury/{resource}") { Credential = AwsServer.Credential };
}
