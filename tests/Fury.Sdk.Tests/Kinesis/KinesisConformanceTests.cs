using System.Collections.Concurrent;
using Fury.Sdk.Bindings;
using Fury.Sdk.Drivers;
using Fury.Sdk.Kinesis;
using Fury.Sdk.Streams;
using Fury.Sdk.Tests.Conformance;
using Fury.Sdk.Tests.Matrix;
using Fury.Testing;

namespace Fury.Sdk.Tests.Kinesis;

/// <summary>kinesalite keeps what the driver of Kinesis says. The real Kinesis has not been asked.</summary>
[RunsAgainst(KinesisProvider.Name, "the emulator kinesalite", NeverAsked = "Amazon Kinesis")]
public sealed class KinesisConformanceTests(KinesaliteServer server) : IClassFixture<KinesaliteServer>
{
    private readonly ConcurrentDictionary<string, Lazy<Task>> _made = new();

    public static TheoryData<string> Names => RealServer.Names(ServiceKind.Stream);

    [Theory]
    [MemberData(nameof(Names))]
    public Task Kinesis_keeps(string name) => new RealServer([Made()], Route).Keeps(name, StreamCapabilities.Groups);

    /// <summary>The driver finds its stream made, as an operator would have it.</summary>
    private DriverFactory Made() => new(ServiceKind.Stream, KinesisProvider.Name, async (context, cancellation) =>
    {
        await _made.GetOrAdd(context.Route.Resource, name => new Lazy<Task>(() => Make(name))).Value;
        return await KinesisProvider.Factories[0].OpenAsync(context, cancellation);
    });

    private async Task Make(string name)
    {
        await server.Ask("Kinesis_20131202.CreateStream", $$"""{"StreamName":"{{name}}","ShardCount":2}""");
        await Eventually.True(async () =>
            (await server.Ask("Kinesis_20131202.DescribeStream", $$"""{"StreamName":"{{name}}"}""")).Contains("ACTIVE", StringComparison.Ordinal));
    }

    private ServiceRoute Route(ServiceKind kind, string resource) =>
        new(KinesisProvider.Name, "direct", server.Endpoint, "us-east-1", resource) { Credential = AwsServer.Credential };
}
