using Fury.Catalog.Contracts;
using Fury.Kernel;
using Fury.Sdk;
using Fury.Sdk.Gateway;
using Fury.Sdk.Messaging;
using Fury.Services.Attesting;
using Fury.Testing;
using ServiceKind = Fury.Catalog.Contracts.ServiceKind;
using SdkKind = Fury.Sdk.ServiceKind;

namespace Fury.Services.Tests.Gateway;

/// <summary>A real RabbitMQ, reached by a host: by itself, and for instances that go through it.</summary>
public sealed class HostDriversTests(RabbitMqServer rabbit, GatewayHost host) : IClassFixture<RabbitMqServer>, IClassFixture<GatewayHost>
{
    private static readonly HostDrivers Drivers = new(HostDrivers.OfSdk, TimeProvider.System);

    private string Address => $"amqp://127.0.0.1:{rabbit.Endpoint.Port}/";

    [Fact]
    public async Task A_queue_is_probed_by_its_address_and_two_variables_or_by_one_that_has_all()
    {
        (string Name, string Value)[] variables =
            [("RABBIT_USER", "guest"), ("RABBIT_PASSWORD", "guest"), ("RABBIT_WRONG", "wrong-47"), ("RABBIT_ALL", rabbit.Endpoint.AbsoluteUri)];
        Array.ForEach(variables, each => Environment.SetEnvironmentVariable(each.Name, each.Value));

        foreach (var route in new[] { Route("probed", Address, "env:RABBIT_USER,RABBIT_PASSWORD"), Route("probed", null, "env:RABBIT_ALL") })
        {
            await using var driver = await Drivers.Open(Service("probed"), route, default);
            var probe = await Probe.Run(driver, TimeProvider.System, default);
            Assert.True(probe.Kept.Has(MessagingCapabilities.Renew));
            Assert.False(probe.Kept.Has(MessagingCapabilities.OrderingKey));
        }

        await using var wrong = await Drivers.Open(Service("probed"), Route("probed", Address, "env:RABBIT_USER,RABBIT_WRONG"), default);
        var refused = await Assert.ThrowsAsync<FuryException>(() => Probe.Run(wrong, TimeProvider.System, default));
        Assert.Equal(FuryErrorCode.Unauthenticated, refused.Code);
        Assert.DoesNotContain("wrong-47", refused.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("amqp://10.0.0.7", null, FuryErrorCode.InvalidArgument)]
    [InlineData(null, "env:RABBIT_A,RABBIT_B", FuryErrorCode.InvalidArgument)]
    [InlineData("amqp://10.0.0.7", "rabbit", FuryErrorCode.InvalidArgument)]
    [InlineData(null, "env:RABBIT_NOWHERE", FuryErrorCode.Unauthenticated)]
    [InlineData(null, "env:RABBIT_CANARY", FuryErrorCode.InvalidArgument)]
    public async Task A_route_that_does_not_open_is_refused_before_anything_is_asked(string? endpoint, string? credential, FuryErrorCode code)
    {
        Environment.SetEnvironmentVariable("RABBIT_CANARY", "canary-48");

        var error = await Assert.ThrowsAsync<FuryException>(() => Drivers.Open(Service("refused"), Route("refused", endpoint, credential), default));

        Assert.Equal(code, error.Code);
        Assert.DoesNotContain("canary-48", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Instances_send_and_receive_by_RabbitMQ_through_the_gateway_and_know_neither_its_name_nor_its_address()
    {
        Environment.SetEnvironmentVariable("RABBIT_GATEWAY", rabbit.Endpoint.AbsoluteUri);
        host.Bind(SdkKind.Topic, "news", 1, "rabbitmq", null, "env:RABBIT_GATEWAY");
        host.Bind(SdkKind.Queue, "news/one", 1, "rabbitmq", null, "env:RABBIT_GATEWAY");
        await using var app = new GatewayApp(host);
        var queue = await app.Open(SdkKind.Queue, "news/one", fury => fury.Queue("news/one"));
        var topic = await app.Open(SdkKind.Topic, "news", fury => fury.Topic("news"));

        await topic.PublishAsync(new OutgoingMessage("hello"u8.ToArray()));
        var message = Assert.Single(await queue.ReceiveAsync(One));
        await message.RenewAsync(TimeSpan.FromMinutes(1));
        await message.CompleteAsync();

        Assert.Equal("hello"u8.ToArray(), message.Body.ToArray());
        Assert.Equal(0, (await queue.GetDepthAsync()).Visible);
        Assert.Equal(GatewayProtocol.Name, queue.Binding.Provider);
        // What it lacks is known through the gateway too, and refused before anything is asked.
        var error = await Assert.ThrowsAsync<FuryException>(() => topic.PublishAsync(new OutgoingMessage(new byte[1]) { OrderingKey = "k" }));
        Assert.Equal(FuryErrorCode.CapabilityNotSupported, error.Code);
    }

    [Fact]
    public async Task What_one_driver_has_received_another_settles_never_as_if_it_were_its_own()
    {
        Environment.SetEnvironmentVariable("RABBIT_GATEWAY", rabbit.Endpoint.AbsoluteUri);
        host.Bind(SdkKind.Queue, "orders", 1, "rabbitmq", null, "env:RABBIT_GATEWAY");
        await using var app = new GatewayApp(host);
        var queue = await app.Open(SdkKind.Queue, "orders", fury => fury.Queue("orders"));
        await queue.SendAsync(new OutgoingMessage("order"u8.ToArray()));
        var first = Assert.Single(await queue.ReceiveAsync(One));

        // As a host does that is idle, and as if another one were asked.
        await host.Services.Close(TimeSpan.Zero);
        var again = Assert.Single(await queue.ReceiveAsync(One));

        Assert.Equal(first.Id, again.Id);
        var lost = await Assert.ThrowsAsync<FuryException>(() => first.CompleteAsync());
        Assert.Equal(FuryErrorCode.LeaseLost, lost.Code);
        await again.CompleteAsync();
    }

    private static ReceiveOptions One => new() { MaxMessages = 1, Wait = TimeSpan.FromSeconds(20) };

    private static BoundService Service(string name) => new(GatewayHost.Shop, ServiceKind.Queue, ServiceName.Parse(name));

    private static ServiceRoute Route(string resource, string? endpoint, string? credential) =>
        new("rabbitmq", "direct", endpoint, "local", resource, credential);
}
