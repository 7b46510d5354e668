using System.Text.Json;
using System.Text.Json.Serialization;
using Fury.Kernel;
using Fury.Mesh.Contracts;

namespace Fury.Deployments.Judging;

/// <summary>
/// What was seen of a scope between two looks: the evidence that the judge folds. All counts are of this tick alone. Written as JSON with short
/// names, since many are kept; a reader leaves out what it does not know and takes what is missing for not told.
/// </summary>
/// <param name="At">The end of the tick.</param>
/// <param name="Span">How long it is, more than nothing.</param>
/// <param name="Lanes">One for each location of the scope that could be looked at.</param>
internal sealed record Tick(
    [property: JsonPropertyName("t")] DateTimeOffset At,
    [property: JsonPropertyName("s")] TimeSpan Span,
    IReadOnlyList<LaneTick> Lanes)
{
    [JsonPropertyName("l")]
    public IReadOnlyList<LaneTick> Lanes { get; init; } = Lanes ?? [];

    /// <summary>Another number than in the tick before: the weights are about to change, or have spread.</summary>
    [JsonPropertyName("p"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Step { get; init; }

    /// <summary>Why the source of a metric says nothing, by metric; null when all speak.</summary>
    [JsonPropertyName("d"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, string>? Dark { get; init; }

    [JsonIgnore]
    public bool HasReadings => Lanes.Any(lane => lane.Candidate.Readings is not null || lane.Current?.Readings is not null);

    /// <summary>Another number than in the tick before: somebody has had it judged anew.</summary>
    [JsonPropertyName("a"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Attempt { get; init; }

    public string ToJson() => JsonSerializer.Serialize(this, FuryJson.Options);

    public static Tick Of(string json) => JsonSerializer.Deserialize<Tick>(json, FuryJson.Options)!;
}

/// <summary>One location: the two arms have their load and their incidents in common, which is why they are compared here first.</summary>
/// <param name="Current">Null when there is no current pool: a first deployment.</param>
internal sealed record LaneTick(
    [property: JsonPropertyName("n")] string Lane,
    [property: JsonPropertyName("c")] Arm Candidate,
    [property: JsonPropertyName("b")] Arm? Current = null);

/// <summary>A pool in one tick.</summary>
internal sealed record Arm
{
    [JsonPropertyName("q"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long Requests { get; init; }

    /// <summary>Of the requests: answered with a 5xx, or not answered.</summary>
    [JsonPropertyName("e"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long Errors { get; init; }

    /// <summary>How many requests fell into each bucket of <c>Latency.BucketBounds</c>, and one more for slower ones; null when not measured.</summary>
    [JsonPropertyName("h"), JsonConverter(typeof(BucketsJson))]
    public IReadOnlyList<long>? Latencies { get; init; }

    /// <summary>The same by replica; null when the proxies do not tell. Replicas without requests may be left out.</summary>
    [JsonPropertyName("r")]
    public IReadOnlyList<ReplicaCounts>? Replicas { get; init; }

    /// <summary>Replicas that are ready at the end of the tick.</summary>
    [JsonPropertyName("u")]
    public int Ready { get; init; }

    /// <summary>Processor time that all replicas took; null when not measured.</summary>
    [JsonPropertyName("p")]
    public double? CpuSeconds { get; init; }

    /// <summary>How many cores all replicas together may use; null when not known.</summary>
    [JsonPropertyName("k")]
    public double? CpuCores { get; init; }

    /// <summary>Of metrics that a <see cref="MetricRule"/> names; null when their source is dark.</summary>
    [JsonPropertyName("m")]
    public IReadOnlyList<Reading>? Readings { get; init; }
}

/// <param name="Restarts">How often it has crashed and come back in this tick.</param>
internal sealed record ReplicaCounts(
    [property: JsonPropertyName("n")] string Replica,
    [property: JsonPropertyName("q")] long Requests = 0,
    [property: JsonPropertyName("e"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] long Errors = 0,
    [property: JsonPropertyName("h"), JsonConverter(typeof(BucketsJson))] IReadOnlyList<long>? Latencies = null,
    [property: JsonPropertyName("x"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] int Restarts = 0);

/// <summary>What the source of a metric said of one arm.</summary>
/// <param name="Count">Of a ratio: what was counted in this tick, e.g. failed payments. Null beside a <paramref name="Total"/> is zero.</param>
/// <param name="Total">Of a ratio: out of how many. Null: there is no data.</param>
/// <param name="Points">Of a value: its points in this tick.</param>
internal sealed record Reading(
    [property: JsonPropertyName("n")] string Metric,
    [property: JsonPropertyName("c")] double? Count = null,
    [property: JsonPropertyName("t")] double? Total = null,
    [property: JsonPropertyName("p")] IReadOnlyList<double>? Points = null);

/// <summary>Counts by bucket as the index of the first that is not zero and the counts from there to the last: <c>[9,3,20,1]</c>.</summary>
internal sealed class BucketsJson : JsonConverter<IReadOnlyList<long>?>
{
    private const int BucketsMax = 1000;

    private static readonly int Buckets = Latency.BucketBounds.Count + 1;

    public override IReadOnlyList<long>? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var told = JsonSerializer.Deserialize<long[]>(ref reader, options);
        return told switch
        {
            null => null,
            [] => new long[Buckets],
            [>= 0 and < BucketsMax, ..] => [.. new long[told[0]], .. told.AsSpan(1), .. new long[Math.Max(0, Buckets - (int)told[0] - told.Length + 1)]],
            _ => throw new JsonException($"The index of the first bucket must be 0 to {BucketsMax - 1}."),
        };
    }

    public override void Write(Utf8JsonWriter writer, IReadOnlyList<long>? value, JsonSerializerOptions options)
    {
        var (first, end) = (0, value!.Count);
        while (end > 0 && value[end - 1] == 0)
        {
            end--;
        }

        while (first < end && value[first] == 0)
        {
            first++;
        }

        writer.WriteStartArray();
        if (first < end)
        {
            writer.WriteNumberValue(first);
        }

        for (var bucket = first; bucket < end; bucket++)
        {
            writer.WriteNumberValue(value[bucket]);
        }

        writer.WriteEndArray();
    }
}
