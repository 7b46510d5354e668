using System.Globalization;
using Fury.Sdk;
using Fury.Sdk.Bindings;
using Fury.Sdk.Conformance;
using Fury.Sdk.Drivers;
using Fury.Sdk.Gateway;

namespace Fury.Services.Tests.Gateway;

/// <summary>What the strict local provider keeps, it keeps through the gateway.</summary>
public sealed class GatewayConformanceTests(GatewayHost host) : IClassFixture<GatewayHost>
{
    private static readonly ServiceKind[] Kinds =
    [
        ServiceKind.KeyValue, ServiceKind.Objects, ServiceKind.Queue, ServiceKind.Topic, ServiceKind.Stream, ServiceKind.Cache, ServiceKind.Locks,
        ServiceKind.Sequences, ServiceKind.Secrets,
    ];

    public static TheoryData<string> Names => [.. ConformanceSuite.Tests.Where(test => Kinds.Contains(test.Kind)).Select(test => test.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Through_the_gateway_the_local_provider_keeps(string name)
    {
        var result = await ConformanceSuite.RunAsync(new Target(host.Drivers()), ConformanceSuite.Tests.Single(test => test.Name == name));

        Assert.True(result.Verdict == ConformanceVerdict.Passed, result.Detail);
    }

    private sealed class Target(IReadOnlyList<IDriverFactory> drivers) : ConformanceTarget
    {
        public override string Name => "gateway";

        public override IReadOnlyList<IDriverFactory> Factories { get; } = [.. drivers.Select(Named)];

        /// <summary>Other tests want the processor too.</summary>
        public override TimeSpan Patience => TimeSpan.FromSeconds(20);

        public override ServiceRoute Route(ServiceKind kind, string resource) => new(GatewayProtocol.Name, GatewayProtocol.Name, null, "local", resource);

        /// <summary>A service of the host for each resource and epoch, since tests use several at once.</summary>
        private static DriverFactory Named(IDriverFactory factory) => new(factory.Kind, factory.Provider, (context, stop) =>
        {
            var epoch = Math.Max(context.Epoch, 1);
            var service = string.Create(CultureInfo.InvariantCulture, $"e{epoch}-{context.Route.Resource}");
            return factory.OpenAsync(new DriverContext(service, context.Route, context.Clock) { Epoch = epoch, Filter = context.Filter }, stop);
        });
    }
}
