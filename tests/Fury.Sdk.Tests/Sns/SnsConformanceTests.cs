using System.Text;
using Fury.Sdk.Bindings;
using Fury.Sdk.Drivers;
using Fury.Sdk.Messaging;
using Fury.Sdk.Sns;
using Fury.Sdk.Tests.Conformance;
using Fury.Sdk.Tests.Matrix;
using Fury.Sdk.Tests.Sqs;
using Fury.Testing;

namespace Fury.Sdk.Tests.Sns;

/// <summary>fauxqs keeps what the drivers of SNS say. The real SNS has not been asked.</summary>
[RunsAgainst(SnsProvider.Name, SqsConformanceTests.Fauxqs, NeverAsked = "Amazon SNS and SQS")]
public sealed class SnsConformanceTests(FauxqsServer server) : IClassFixture<FauxqsServer>
{
    public static TheoryData<string> Names => RealServer.Names(ServiceKind.Queue, ServiceKind.Topic);

    [Theory]
    [MemberData(nameof(Names))]
    public Task A_topic_keeps(string name) => new RealServer(SnsProvider.Factories, (_, resource) => Route(server, resource)).Keeps(
        name, MessagingCapabilities.OrderingKey, MessagingCapabilities.Delay, MessagingCapabilities.Deduplication);

    [Fact]
    public async Task A_subscription_that_is_there_gets_the_filter_it_is_bound_with()
    {
        await using var topic = await Topic("changed");
        foreach (var (wanted, expected) in new[] { (null, "ar,br"), ("ar", "ar"), ("br", "br"), (null, "ar,br") })
        {
            await using var subscription = await Subscription("changed/one", wanted);
            foreach (var country in new[] { "ar", "br" })
            {
                await topic.PublishAsync(
                    new DriverMessage(country, Encoding.UTF8.GetBytes(country), new Dictionary<string, string> { ["a-country"] = country }), default);
            }

            SortedSet<string> got = [];
            while (await subscription.ReceiveAsync(QueueSide.Main, 10, TimeSpan.FromMinutes(1), TimeSpan.Zero, default) is { Count: > 0 } some)
            {
                foreach (var delivery in some)
                {
                    got.Add(Encoding.UTF8.GetString(delivery.Message.Body.Span));
                    await subscription.CompleteAsync(QueueSide.Main, delivery.Token, default);
                }
            }

            Assert.Equal(expected, string.Join(',', got));
        }
    }

    [Fact]
    public void What_is_no_subscription_is_told_before_any_io()
    {
        var error = Assert.Throws<FuryException>(() => new SnsSubscription(new DriverContext("news", Route(server, "a/b/c"), TimeProvider.System)));

        Assert.Equal("The resource of 'news' is 'a/b/c'; QUEUE or TOPIC/NAME is right for SNS.", error.Message);
    }

    internal static ServiceRoute Route(FauxqsServer server, string resource) =>
        new(SnsProvider.Name, "direct", server.Endpoint, "us-east-1", resource) { Credential = AwsServer.Credential };

    private async Task<ITopicDriver> Topic(string name)
    {
        var topic = new SnsTopic(new DriverContext("news", Route(server, name), TimeProvider.System));
        await topic.ProbeAsync(default);
        return topic;
    }

    private async Task<IQueueDriver> Subscription(string name, string? country)
    {
        Dictionary<string, string> filter = country is null ? [] : new() { ["country"] = country };
        var subscription = new SnsSubscription(new DriverContext("news/one", Route(server, name), TimeProvider.System) { Filter = filter });
        await subscription.ProbeAsync(default);
        return subscription;
    }
}

/// <summary>The same of topics with order.</summary>
[RunsAgainst(SnsProvider.Name, SqsConformanceTests.Fauxqs, NeverAsked = "Amazon SNS and SQS", Resource = "matrix.fifo")]
public sealed class SnsOrderConformanceTests(FauxqsServer server) : IClassFixture<FauxqsServer>
{
    public static TheoryData<string> Names => RealServer.Names(ServiceKind.Topic);

    [Theory]
    [MemberData(nameof(Names))]
    public Task A_topic_with_order_keeps(string name) =>
        new RealServer(SnsProvider.Factories, (_, resource) => SnsConformanceTests.Route(server, Ordered(resource))).Keeps(
            name, MessagingCapabilities.Deduplication);

    private static string Ordered(string resource) => resource.Split('/') is [var topic, var name] ? $"{topic}.fifo/{name}" : $"{resource}.fifo";
}
