using System.Reflection;
using Fury.Testing;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;

namespace Fury.Xds.Tests.Wire;

/// <summary>What Fury writes is what xDS v3 says, by the protos that gRPC's own xDS client is built from.</summary>
public sealed class WireTests
{
    private static readonly IReadOnlyList<FileDescriptor> OurProtos =
    [
        .. from type in typeof(TypeUrls).Assembly.GetExportedTypes()
           where type.Name.EndsWith("Reflection", StringComparison.Ordinal)
           select (FileDescriptor)type.GetProperty("Descriptor", BindingFlags.Public | BindingFlags.Static)!.GetValue(null)!,
    ];

    public static TheoryData<string> Files => [.. OurProtos.Select(file => file.Name)];

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Our_protos_are_the_official_ones(string name) =>
        AssertNone(await WireComparison.Mismatches(OurProtos.Single(file => file.Name == name)));

    [Fact]
    public void All_protos_are_compared()
    {
        var messages = OurProtos.SelectMany(WireComparison.Messages).ToList();

        Assert.Equal(
            [.. Directory.EnumerateFiles(Path.Combine(FuryProcess.Root, "src/Fury.Xds/Protos")).Select(file => Path.GetFileName(file)).Order()],
            OurProtos.Select(file => file.Name).Order());
        Assert.InRange(messages.Count, 109, int.MaxValue);
        Assert.InRange(messages.Sum(message => message.Fields.InFieldNumberOrder().Count), 430, int.MaxValue);
        Assert.InRange(OurProtos.SelectMany(WireComparison.Enums).Count(), 13, int.MaxValue);
    }

    [Fact]
    public async Task A_difference_is_told_with_the_message_and_the_field()
    {
        var proto = Envoy.Type.V3.TypeReflection.Descriptor.ToProto();
        var message = proto.MessageType.Single(type => type.Name == "Int64Range");
        message.Field[0].Number = 7;
        message.Field[1].Type = FieldDescriptorProto.Types.Type.String;
        message.Field.Add(message.Field[0].Clone());
        message.Field[2].Name = "middle";
        message.Field[2].Number = 8;
        proto.MessageType.Add(new DescriptorProto { Name = "Nobody" });
        proto.MessageType.Single(type => type.Name == "FractionalPercent").EnumType.Single().Value[2].Number = 9;

        Assert.Equal(
            [
                "envoy.type.v3.Int64Range.end: ours is 'string = 2', the official 'int64 = 2'",
                "envoy.type.v3.Int64Range.start: ours is 'int64 = 7', the official 'int64 = 1'",
                "envoy.type.v3.Int64Range.middle: ours is 'int64 = 8', the official 'nothing'",
                "envoy.type.v3.Nobody: The official protos: there is no envoy.type.v3.Nobody",
                "envoy.type.v3.FractionalPercent.DenominatorType.MILLION: ours is '9', the official '2'",
            ],
            await WireComparison.Mismatches(FileDescriptor.BuildFromByteStrings([proto.ToByteString()]).Single()));
    }

    [Theory]
    [InlineData(
        XdsMethods.StreamAggregatedResources,
        "stream envoy.service.discovery.v3.DiscoveryRequest -> stream envoy.service.discovery.v3.DiscoveryResponse")]
    [InlineData(
        XdsMethods.DeltaAggregatedResources,
        "stream envoy.service.discovery.v3.DeltaDiscoveryRequest -> stream envoy.service.discovery.v3.DeltaDiscoveryResponse")]
    [InlineData(
        XdsMethods.StreamLoadStats,
        "stream envoy.service.load_stats.v3.LoadStatsRequest -> stream envoy.service.load_stats.v3.LoadStatsResponse")]
    public async Task The_methods_are_the_official_ones(string path, string signature) =>
        Assert.Equal(signature, (await OfficialProtos.Describe(path.Split('/')[1]))[path]);

    [Fact]
    public void The_type_urls_are_what_a_message_is_packed_under()
    {
        Assert.Equal(TypeUrls.Listener, Any.Pack(new Envoy.Config.Listener.V3.Listener()).TypeUrl);
        Assert.Equal(TypeUrls.RouteConfiguration, Any.Pack(new Envoy.Config.Route.V3.RouteConfiguration()).TypeUrl);
        Assert.Equal(TypeUrls.Cluster, Any.Pack(new Envoy.Config.Cluster.V3.Cluster()).TypeUrl);
        Assert.Equal(TypeUrls.ClusterLoadAssignment, Any.Pack(new Envoy.Config.Endpoint.V3.ClusterLoadAssignment()).TypeUrl);
    }

    /// <summary>xunit's own message cuts a long list; this one shows every line.</summary>
    private static void AssertNone(IReadOnlyList<string> mismatches) => Assert.True(mismatches.Count == 0, string.Join(Environment.NewLine, mismatches));
}
