using Fury.Sdk.Bindings;
using Fury.Sdk.Drivers;
using Fury.Sdk.Drivers.RabbitMq;
using Fury.Sdk.Messaging;
using Fury.Sdk.Tests.Conformance;
using Fury.Sdk.Tests.Matrix;
using Fury.Testing;

namespace Fury.Sdk.Tests.RabbitMq;

/// <summary>A real RabbitMQ keeps what its drivers say.</summary>
[RunsAgainst(RabbitMqProvider.Name, "a real RabbitMQ")]
public sealed class RabbitMqConformanceTests(RabbitMqServer server) : IClassFixture<RabbitMqServer>
{
    public static TheoryData<string> Names => RealServer.Names(ServiceKind.Queue, ServiceKind.Topic);

    [Theory]
    [MemberData(nameof(Names))]
    public Task RabbitMQ_keeps(string name) => new RealServer(new RabbitMqProvider(_ => server.Endpoint).Factories, Route).Keeps(
        name,
        MessagingCapabilities.OrderingKey,
        MessagingCapabilities.Delay,
        MessagingCapabilities.Deduplication);

    [Fact]
    public async Task What_a_process_holds_when_it_ends_is_anothers_at_once()
    {
        await using var other = await Open("ended");
        await using (var first = await Open("ended"))
        {
            await first.SendAsync(new DriverMessage("1", new byte[] { 1 }, new Dictionary<string, string>()), default);
            Assert.Single(await first.ReceiveAsync(QueueSide.Main, 1, TimeSpan.FromHours(1), TimeSpan.FromSeconds(5), default));
            Assert.Empty(await other.ReceiveAsync(QueueSide.Main, 1, TimeSpan.FromHours(1), TimeSpan.Zero, default));
        }

        var again = Assert.Single(await other.ReceiveAsync(QueueSide.Main, 1, TimeSpan.FromHours(1), TimeSpan.FromSeconds(10), default));
        Assert.Equal(2, again.DeliveryCount);
        await other.CompleteAsync(QueueSide.Main, again.Token, default);
    }

    [Fact]
    public async Task What_is_given_back_without_end_RabbitMQ_puts_aside_and_says_why()
    {
        await using var queue = await Open("poison");
        await queue.SendAsync(new DriverMessage("1", new byte[] { 1 }, new Dictionary<string, string>()), default);
        var given = 0;
        while ((await queue.ReceiveAsync(QueueSide.Main, 1, TimeSpan.FromHours(1), TimeSpan.Zero, default)).SingleOrDefault() is { } message)
        {
            Assert.Equal(++given, message.DeliveryCount);
            await queue.AbandonAsync(QueueSide.Main, message.Token, TimeSpan.Zero, default);
        }

        var dead = Assert.Single(await queue.ReceiveAsync(QueueSide.DeadLetters, 1, TimeSpan.FromHours(1), TimeSpan.FromSeconds(10), default));
        Assert.Equal("delivery_limit", dead.DeadLetterReason);
        Assert.True(given > 1000);
    }

    private async Task<IQueueDriver> Open(string resource)
    {
        var factory = new RabbitMqProvider(_ => server.Endpoint).Factories.Single(each => each.Kind == ServiceKind.Queue);
        var context = new DriverContext("q", Route(ServiceKind.Queue, resource), TimeProvider.System);
        var driver = (IQueueDriver)await factory.OpenAsync(context, default);
        await driver.ProbeAsync(default);
        return driver;
    }

    private static ServiceRoute Route(ServiceKind kind, string resource) => new(RabbitMqProvider.Name, "direct", null, "local", resource);
}
