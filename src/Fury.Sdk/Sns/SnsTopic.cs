using System.Xml.Linq;
using Fury.Sdk.Aws;
using Fury.Sdk.Drivers;
using Fury.Sdk.Messaging;
using Fury.Sdk.Sqs;

namespace Fury.Sdk.Sns;

/// <summary>Publishes in the form in which the queues of SQS keep messages, and as which SNS gives them on.</summary>
internal sealed class SnsTopic(DriverContext context) : ITopicDriver
{
    private readonly SnsClient _client = new(context);
    private readonly bool _isOrdered = SqsQueue.IsOrdered(context.Route.Resource);
    private string? _arn;

    public string Provider => SnsProvider.Name;

    public bool EndsAtOnce => true;

    public CapabilitySet Declared { get; } = CapabilitySet.Native(
        SqsQueue.IsOrdered(context.Route.Resource) ? [MessagingCapabilities.Filter, MessagingCapabilities.OrderingKey] : [MessagingCapabilities.Filter]);

    public async ValueTask ProbeAsync(CancellationToken cancellation) => _arn = await _client.Topic(context.Route.Resource, cancellation);

    public async ValueTask<bool> PublishAsync(DriverMessage message, CancellationToken cancellation)
    {
        var sent = SqsMessageForm.Of(message, [], _isOrdered);
        List<(string, string?)> publish =
        [
            ("TopicArn", _arn), ("Message", sent.Text), ("MessageGroupId", sent.Group), ("MessageDeduplicationId", sent.Once),
        ];
        if (!message.Body.IsEmpty)
        {
            publish.Add(("MessageAttributes.entry.1.Name", SqsMessageForm.BodyAttribute));
            publish.Add(("MessageAttributes.entry.1.Value.DataType", "Binary"));
            publish.Add(("MessageAttributes.entry.1.Value.BinaryValue", Convert.ToBase64String(message.Body.Span)));
        }

        await _client.Call("Publish", publish, cancellation);
        return false;
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }
}

/// <summary>A subscription's queue, or one that is of no topic. Its filter is held against the message's text, which is its headers.</summary>
internal sealed class SnsSubscription : SqsQueue
{
    private readonly SnsClient _client;
    private readonly string? _topic;
    private readonly IReadOnlyDictionary<string, string> _filter;

    public SnsSubscription(DriverContext context)
        : base(context, QueueName(context), MessagingCapabilities.Filter)
    {
        _client = new SnsClient(context);
        (_topic, _filter) = (context.Route.Resource.Split('/') is [var topic, _] ? topic : null, context.Filter);
    }

    public override string Provider => SnsProvider.Name;

    public override async ValueTask ProbeAsync(CancellationToken cancellation)
    {
        await base.ProbeAsync(cancellation);
        if (_topic is not null)
        {
            var (topic, queue) = (await _client.Topic(_topic, cancellation), await Arn(cancellation));
            await Allow(SnsJson.Policy(queue, topic), cancellation);
            await _client.Subscribe(topic, queue, SnsJson.Filter(_filter), cancellation);
        }
    }

    public override ValueTask DisposeAsync()
    {
        _client.Dispose();
        return base.DisposeAsync();
    }

    private static string QueueName(DriverContext context) => context.Route.Resource.Split('/') switch
    {
        [{ Length: > 0 } queue] => queue,
        [{ Length: > 0 } topic, { Length: > 0 } name] => IsOrdered(topic) ? $"{topic[..^Fifo.Length]}_{name}{Fifo}" : $"{topic}_{name}",
        _ => throw Failure.Invalid($"The resource of '{context.Service}' is '{context.Route.Resource}'; QUEUE or TOPIC/NAME is right for SNS."),
    };
}

/// <summary>Topics and subscriptions.</summary>
internal sealed class SnsClient(DriverContext context) : IDisposable
{
    private readonly AwsQueryClient _client = new(context, "SNS", "sns", "2010-03-31");

    public void Dispose() => _client.Dispose();

    public ValueTask<XElement> Call(string action, IEnumerable<(string Name, string? Value)> parameters, CancellationToken cancellation) =>
        _client.Call(action, parameters, cancellation);

    /// <summary>Makes the topic, or finds it made, and gives its address.</summary>
    public async ValueTask<string> Topic(string name, CancellationToken cancellation)
    {
        Dictionary<string, string> attributes = SqsQueue.IsOrdered(name) ? new() { ["FifoTopic"] = "true" } : [];
        var made = await Call("CreateTopic", [("Name", name), .. AwsQueryClient.Entries("Attributes", attributes)], cancellation);
        return AwsQueryClient.Text(made, "TopicArn")!;
    }

    /// <summary>Makes the subscription, or lets the one that is there have this filter.</summary>
    /// <param name="filter">Null: it gets all.</param>
    public async ValueTask Subscribe(string topic, string queue, string? filter, CancellationToken cancellation)
    {
        Dictionary<string, string> attributes = new() { ["RawMessageDelivery"] = "true" };
        if (filter is not null)
        {
            (attributes["FilterPolicyScope"], attributes["FilterPolicy"]) = ("MessageBody", filter);
        }

        try
        {
            await Call(
                "Subscribe",
                [("TopicArn", topic), ("Protocol", "sqs"), ("Endpoint", queue), .. AwsQueryClient.Entries("Attributes", attributes)],
                cancellation);
        }
        catch (FuryException refused) when (refused.ProviderCode == "InvalidParameter")
        {
            if (await Find(topic, queue, cancellation) is not { } there)
            {
                throw;
            }

            foreach (var (name, value) in attributes.Append(new("FilterPolicy", filter ?? "{}")))
            {
                await Call(
                    "SetSubscriptionAttributes",
                    [("SubscriptionArn", there), ("AttributeName", name), ("AttributeValue", value)],
                    cancellation);
            }
        }
    }

    private async ValueTask<string?> Find(string topic, string queue, CancellationToken cancellation)
    {
        string? next = null;
        do
        {
            var page = await Call("ListSubscriptionsByTopic", [("TopicArn", topic), ("NextToken", next)], cancellation);
            if (page.Descendants().FirstOrDefault(each => each.Name.LocalName == "member" && AwsQueryClient.Text(each, "Endpoint") == queue) is { } found)
            {
                return AwsQueryClient.Text(found, "SubscriptionArn");
            }

            next = AwsQueryClient.Text(page, "NextToken") is { Length: > 0 } token ? token : null;
        }
        while (next is not null);

        return null;
    }
}
