using System.Globalization;
using System.Text.Json.Nodes;

namespace Fury.Sdk.Tests.PubSub;

internal sealed record FakeMessage(string Id, string Data, IReadOnlyDictionary<string, string> Attributes, DateTimeOffset Published);

/// <summary>One subscription of the fake: at least once, each delivery with a handle of its own, until it is acknowledged or its deadline is over.</summary>
internal sealed class FakeSubscription(JsonObject resource, TimeProvider clock, Action<FakeMessage> putAside)
{
    private readonly Lock _gate = new();
    private readonly List<Entry> _entries = [];
    private readonly Func<IReadOnlyDictionary<string, string>, bool> _filter = FakeFilter.Read($"{resource["filter"]}");
    private readonly int? _attemptsMax = resource["deadLetterPolicy"]?["maxDeliveryAttempts"]?.GetValue<int>();
    private long _handles;

    public JsonObject Resource => (JsonObject)resource.DeepClone();

    public string Topic => $"{resource["topic"]}";

    public void Take(FakeMessage message)
    {
        if (_filter(message.Attributes))
        {
            lock (_gate)
            {
                _entries.Add(new Entry(message));
            }
        }
    }

    public JsonArray Pull(int most)
    {
        JsonArray given = [];
        lock (_gate)
        {
            var now = clock.GetUtcNow();
            var deadline = now + TimeSpan.FromSeconds(resource["ackDeadlineSeconds"]!.GetValue<int>());
            foreach (var entry in _entries.Where(each => each.Deadline <= now).Take(most).ToList())
            {
                if (entry.Attempts == _attemptsMax)
                {
                    _entries.Remove(entry);
                    putAside(entry.Message);
                    continue;
                }

                entry.Attempts++;
                (entry.Handle, entry.Deadline) = ($"ack-{++_handles}", deadline);
                given.Add(Json(entry));
            }
        }

        return given;
    }

    /// <summary>Handles of deliveries that are over are passed by, as Pub/Sub does.</summary>
    public void Settle(IEnumerable<string> handles, TimeSpan? lease)
    {
        lock (_gate)
        {
            var now = clock.GetUtcNow();
            foreach (var entry in _entries.Where(each => each.Deadline > now && handles.Contains(each.Handle)).ToList())
            {
                entry.Deadline = now + (lease ?? TimeSpan.Zero);
                _ = lease is not null || _entries.Remove(entry);
            }
        }
    }

    private JsonObject Json(Entry entry)
    {
        var message = new JsonObject
        {
            ["data"] = entry.Message.Data,
            ["messageId"] = entry.Message.Id,
            ["publishTime"] = entry.Message.Published.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture),
        };
        if (entry.Message.Attributes.Count > 0)
        {
            message["attributes"] = new JsonObject(entry.Message.Attributes.Select(each => new KeyValuePair<string, JsonNode?>(each.Key, each.Value)));
        }

        var received = new JsonObject { ["ackId"] = entry.Handle, ["message"] = message };
        if (_attemptsMax is not null)
        {
            // Deliveries are counted where dead letters have a policy, and nowhere else.
            received["deliveryAttempt"] = entry.Attempts;
        }

        return received;
    }

    private sealed class Entry(FakeMessage message)
    {
        public FakeMessage Message { get; } = message;

        public string Handle { get; set; } = "";

        public int Attempts { get; set; }

        public DateTimeOffset Deadline { get; set; }
    }
}
