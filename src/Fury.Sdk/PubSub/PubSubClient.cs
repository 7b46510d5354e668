using System.Net;
using System.Text;
using System.Text.Json.Serialization.Metadata;
using Fury.Sdk.Drivers;
using Fury.Sdk.Google;
using Fury.Sdk.Http;
using Fury.Sdk.Messaging;

namespace Fury.Sdk.PubSub;

/// <summary>Topics and subscriptions of one project. Topics are told with a message what its subscriptions may filter by.</summary>
internal sealed class PubSubClient : IDisposable
{
    /// <summary>Only the subscription of this name is to get it.</summary>
    private const string Only = "furyOnly";

    private const int ValueBytesMax = 1024;
    private const int FilterBytesMax = 256;
    private const string Origin = "https://pubsub.googleapis.com";

    private readonly GoogleAccount _account;
    private readonly RestClient _rest;
    private readonly string _service;
    private readonly string _origin;

    public PubSubClient(DriverContext context)
    {
        _account = new GoogleAccount(context);
        _rest = new RestClient("Pub/Sub", _account, context.Clock, HttpConnections.WaitersMax);
        (_service, _origin) = (context.Service, (context.Route.Endpoint?.AbsoluteUri ?? Origin).TrimEnd('/'));
    }

    public FuryException Translate(Exception error) => _rest.Translate(error);

    public void Dispose() => _rest.Dispose();

    /// <summary>Makes the topic, or finds it made.</summary>
    public async ValueTask Topic(string topic, CancellationToken cancellation)
    {
        using var made = await _rest.Send(
            HttpMethod.Put, Address($"topics/{topic}"), new PubSubNothing(), PubSubJson.Default.PubSubNothing, cancellation);
        if (made.StatusCode != HttpStatusCode.Conflict)
        {
            await _rest.MustBeWell(made, cancellation);
        }
    }

    /// <summary>Makes the subscription, or finds it made with the same filter: Pub/Sub changes none.</summary>
    /// <param name="filter">"": it gets all.</param>
    /// <param name="dead">The topic of its dead letters; null for these.</param>
    public async ValueTask Subscription(string name, string topic, string filter, TimeSpan lease, string? dead, CancellationToken cancellation)
    {
        if (Encoding.UTF8.GetByteCount(filter) is var bytes && bytes > FilterBytesMax)
        {
            throw Failure.Invalid($"The filter of '{_service}' has {bytes} bytes as Pub/Sub has it; it takes {FilterBytesMax}.");
        }

        var wanted = new PubSubSubscription(
            Resource($"topics/{topic}"),
            (int)lease.TotalSeconds,
            "2678400s",
            new PubSubNothing(),
            filter.Length > 0 ? filter : null,
            // Deliveries are only counted where there is such a policy; it is the highest count that there may be.
            dead is null ? null : new PubSubDeadLetters(Resource($"topics/{dead}"), 100));
        var uri = Address($"subscriptions/{name}");
        using var made = await _rest.Send(HttpMethod.Put, uri, wanted, PubSubJson.Default.PubSubSubscription, cancellation);
        if (made.StatusCode != HttpStatusCode.Conflict)
        {
            await _rest.MustBeWell(made, cancellation);
            return;
        }

        using var found = await _rest.Send(HttpMethod.Get, uri, cancellation);
        var there = await _rest.Read(found, PubSubJson.Default.PubSubSubscription, cancellation);
        if ((there.Filter ?? "") != filter || there.Topic != wanted.Topic)
        {
            throw Failure.Invalid(
                $"The subscription '{name}' of Pub/Sub has another filter or topic, which it keeps for ever; give '{_service}' another name.");
        }
    }

    /// <param name="only">The one subscription that is to get it; null: all.</param>
    public async ValueTask Publish(
        string topic, DriverMessage message, string? only, IEnumerable<(string Name, string Value)> more, CancellationToken cancellation)
    {
        var prefix = MessageEnvelope.Header("");
        var attributes = message.Headers
            .Where(each => each.Key.StartsWith(prefix, StringComparison.Ordinal) && Encoding.UTF8.GetByteCount(each.Value) <= ValueBytesMax)
            .ToDictionary(each => each.Key, each => each.Value);
        if (only is not null)
        {
            attributes[Only] = only;
        }

        var publish = new PubSubPublish([new PubSubMessage(MessageText.Frame(message, more), attributes)]);
        await Do($"topics/{topic}:publish", publish, PubSubJson.Default.PubSubPublish, cancellation);
    }

    public async ValueTask<IReadOnlyList<PubSubReceived>> Pull(string subscription, int max, bool atOnce, CancellationToken cancellation)
    {
        using var response = await _rest.Send(
            HttpMethod.Post, Address($"subscriptions/{subscription}:pull"), new PubSubPull(max, atOnce), PubSubJson.Default.PubSubPull, cancellation);
        return (await _rest.Read(response, PubSubJson.Default.PubSubPulled, cancellation)).ReceivedMessages ?? [];
    }

    public ValueTask Acknowledge(string subscription, string handle, CancellationToken cancellation) =>
        Do($"subscriptions/{subscription}:acknowledge", new PubSubSettle([handle]), PubSubJson.Default.PubSubSettle, cancellation);

    /// <summary>From now on; none at all gives it to others at once.</summary>
    public ValueTask Lease(string subscription, string handle, TimeSpan lease, CancellationToken cancellation) => Do(
        $"subscriptions/{subscription}:modifyAckDeadline",
        new PubSubSettle([handle], (int)Math.Ceiling(lease.TotalSeconds)),
        PubSubJson.Default.PubSubSettle,
        cancellation);

    /// <summary>What a subscription of a topic gets: what all get or it alone, that has these attributes.</summary>
    public static string Filter(string subscription, IReadOnlyDictionary<string, string> attributes) => string.Join(
        " AND ",
        attributes.OrderBy(each => each.Key, StringComparer.Ordinal)
            .Select(each => $"attributes.{Quoted(MessageEnvelope.Header(each.Key))} = {Quoted(each.Value)}")
            .Prepend($"(NOT attributes:{Only} OR attributes.{Only} = {Quoted(subscription)})"));

    private static string Quoted(string text) =>
        $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";

    private async ValueTask Do<T>(string what, T request, JsonTypeInfo<T> json, CancellationToken cancellation)
    {
        using var response = await _rest.Send(HttpMethod.Post, Address(what), request, json, cancellation);
        await _rest.MustBeWell(response, cancellation);
    }

    private string Resource(string name) => $"projects/{_account.Project}/{name}";

    private Uri Address(string what) => new($"{_origin}/v1/{Resource(what)}");
}
