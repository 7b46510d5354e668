using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Fury.Sdk.Tests.Fakes;
using Fury.Testing.Clouds.Gcp;
using Microsoft.AspNetCore.Http;

namespace Fury.Sdk.Tests.PubSub;

/// <summary>A fake of Google Cloud Pub/Sub by its REST API: topics, and subscriptions that are pulled. Not Pub/Sub itself.</summary>
public sealed partial class FakePubSub : FakeGoogleService
{
    private const string Project = FakeGoogle.Project;

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);

    private readonly ConcurrentDictionary<string, bool> _topics = new();
    private readonly ConcurrentDictionary<string, FakeSubscription> _subscriptions = new();
    private int _messages;
    private int _pulls;

    /// <summary>Pub/Sub waits for a message for as long as it likes, and then answers that there is none.</summary>
    public TimeSpan Waits { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How many pulls wait for a message.</summary>
    public int Pulls => Volatile.Read(ref _pulls);

    protected override async Task<JsonObject?> Call(HttpContext context, string[] path)
    {
        Query(context);
        if (path is not ["v1", "projects", Project, var kind and ("topics" or "subscriptions"), var last])
        {
            throw new GoogleError(404, "Requested entity was not found.", null, "NOT_FOUND");
        }

        var (name, verb) = last.IndexOf(':') is > 0 and var colon ? (last[..colon], last[(colon + 1)..]) : (last, "");
        var full = $"projects/{Project}/{kind}/{name}";
        return (context.Request.Method, kind, verb) switch
        {
            ("PUT", "topics", "") => Make(name, full, Known(await Body(context.Request), "labels")),
            ("PUT", "subscriptions", "") => Subscribe(name, full, await Body(context.Request)),
            ("GET", "subscriptions", "") => Find(full).Resource,
            ("POST", "topics", "publish") => Publish(full, Known(await Body(context.Request), "messages")),
            ("POST", "subscriptions", "pull") => await Pull(
                Find(full), Known(await Body(context.Request), "maxMessages", "returnImmediately"), context.RequestAborted),
            ("POST", "subscriptions", "acknowledge") => Settle(Find(full), Known(await Body(context.Request), "ackIds"), null),
            ("POST", "subscriptions", "modifyAckDeadline") => Settle(
                Find(full), Known(await Body(context.Request), "ackIds", "ackDeadlineSeconds"), "ackDeadlineSeconds"),
            _ => throw new GoogleError(404, "Not Found", null, "NOT_FOUND"),
        };
    }

    [GeneratedRegex(@"^(?!goog)[a-zA-Z][a-zA-Z0-9\-_.~+%]{2,254}\z")]
    private static partial Regex Name { get; }

    private static GoogleError Invalid(string message) => new(400, message, null, "INVALID_ARGUMENT");

    private JsonObject Make(string name, string full, JsonObject topic)
    {
        CheckName(name);
        topic["name"] = full;
        return _topics.TryAdd(full, true) ? topic : throw new GoogleError(409, $"Topic already exists: {full}", null, "ALREADY_EXISTS");
    }

    private JsonObject Subscribe(string name, string full, JsonObject? body)
    {
        CheckName(name);
        var resource = Known(
            body, "topic", "ackDeadlineSeconds", "messageRetentionDuration", "expirationPolicy", "filter", "deadLetterPolicy", "labels", "retryPolicy");
        CheckTopic($"{resource["topic"]}");
        if (resource["ackDeadlineSeconds"]?.GetValue<int>() is not (>= 10 and <= 600))
        {
            throw Invalid("Invalid ack deadline: it must be from 10 to 600 seconds.");
        }

        if (resource["messageRetentionDuration"] is { } kept
            && int.Parse($"{kept}".TrimEnd('s'), CultureInfo.InvariantCulture) is < 600 or > 2_678_400)
        {
            throw Invalid("Invalid message retention: it must be from 10 minutes to 31 days.");
        }

        var aside = resource["deadLetterPolicy"] is JsonObject policy ? $"{policy["deadLetterTopic"]}" : null;
        if (aside is not null)
        {
            CheckTopic(aside);
            if (resource["deadLetterPolicy"]!["maxDeliveryAttempts"]?.GetValue<int>() is not (>= 5 and <= 100))
            {
                throw Invalid("Invalid max delivery attempts: it must be from 5 to 100.");
            }
        }

        resource["name"] = full;
        var made = new FakeSubscription(resource, TimeProvider.System, message => Give(aside!, message));
        return _subscriptions.TryAdd(full, made)
            ? made.Resource
            : throw new GoogleError(409, $"Subscription already exists: {full}", null, "ALREADY_EXISTS");
    }

    private JsonObject Publish(string topic, JsonObject body)
    {
        CheckTopic(topic);
        JsonArray ids = [];
        foreach (var message in body["messages"]?.AsArray() is { Count: > 0 } messages ? messages : throw Invalid("No messages."))
        {
            var given = Known(message as JsonObject, "data", "attributes");
            var attributes = (given["attributes"] as JsonObject ?? []).ToDictionary(each => each.Key, each => each.Value!.GetValue<string>());
            var data = $"{given["data"]}";
            if ((data.Length == 0 && attributes.Count == 0) || Convert.FromBase64String(data).Length > 10_000_000)
            {
                throw Invalid("A message has data or attributes, and at most 10 MB.");
            }

            if (attributes.Count > 100 || attributes.Any(each => each.Key.Length == 0 || each.Key.StartsWith("goog", StringComparison.Ordinal)
                || Encoding.UTF8.GetByteCount(each.Key) > 256 || Encoding.UTF8.GetByteCount(each.Value) > 1024))
            {
                throw Invalid("Attributes are at most 100, their keys of 1 to 256 bytes that do not begin with goog, their values of up to 1024 bytes.");
            }

            var id = Interlocked.Increment(ref _messages).ToString(CultureInfo.InvariantCulture);
            Give(topic, new FakeMessage(id, data, attributes, TimeProvider.System.GetUtcNow()));
            ids.Add(id);
        }

        return new JsonObject { ["messageIds"] = ids };
    }

    private void Give(string topic, FakeMessage message)
    {
        foreach (var subscription in _subscriptions.Values.Where(each => each.Topic == topic))
        {
            subscription.Take(message);
        }
    }

    private async Task<JsonObject> Pull(FakeSubscription subscription, JsonObject body, CancellationToken gone)
    {
        var most = body["maxMessages"]?.GetValue<int>() is > 0 and var number ? number : throw Invalid("maxMessages must be positive.");
        var (waits, begun) = (body["returnImmediately"]?.GetValue<bool>() != true, TimeProvider.System.GetTimestamp());
        JsonArray given;
        Interlocked.Increment(ref _pulls);
        try
        {
            while ((given = subscription.Pull(most)).Count == 0 && waits && TimeProvider.System.GetElapsedTime(begun) < Waits)
            {
                await Task.Delay(Look, gone);
            }
        }
        finally
        {
            Interlocked.Decrement(ref _pulls);
        }

        return given.Count == 0 ? [] : new JsonObject { ["receivedMessages"] = given };
    }

    private static JsonObject Settle(FakeSubscription subscription, JsonObject body, string? field)
    {
        var handles = body["ackIds"]?.AsArray() is { Count: > 0 } ids ? ids.Select(each => $"{each}").ToHashSet() : throw Invalid("No ack ids.");
        TimeSpan? lease = field is null ? null
            : body[field]?.GetValue<int>() is >= 0 and <= 600 and var seconds ? TimeSpan.FromSeconds(seconds)
            : throw Invalid("An ack deadline is from 0 to 600 seconds.");
        subscription.Settle(handles, lease);
        return [];
    }

    private FakeSubscription Find(string full) =>
        _subscriptions.GetValueOrDefault(full) ?? throw new GoogleError(404, $"Resource not found ({full}).", null, "NOT_FOUND");

    private void CheckTopic(string full)
    {
        if (!_topics.ContainsKey(full))
        {
            throw new GoogleError(404, $"Resource not found ({full}).", null, "NOT_FOUND");
        }
    }

    private static void CheckName(string name)
    {
        if (!Name.IsMatch(name))
        {
            throw Invalid($"Invalid resource name '{name}'.");
        }
    }
}
