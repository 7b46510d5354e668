using System.Text.Json;
using System.Text.Json.Serialization;

namespace Fury.Deployments.Judging;

/// <summary>Events of a total: failed of all requests, restarts of ready seconds, points over a threshold of all points.</summary>
[JsonConverter(typeof(TallyJson))]
internal readonly record struct Tally(double Events, double Total)
{
    public double Share => Total > 0 ? Events / Total : 0;

    public static Tally operator +(Tally left, Tally right) => new(left.Events + right.Events, left.Total + right.Total);

    /// <summary>Never below nothing: two sources that count the same requests need not agree to the last one.</summary>
    public static Tally operator -(Tally left, Tally right) =>
        new(Math.Max(0, left.Events - right.Events), Math.Max(0, left.Total - right.Total));

    public static Tally operator *(Tally tally, double factor) => new(tally.Events * factor, tally.Total * factor);
}

/// <summary>Events and total: <c>[3,1200]</c>.</summary>
internal sealed class TallyJson : JsonConverter<Tally>
{
    public override Tally Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        JsonSerializer.Deserialize<double[]>(ref reader, options) is [var events, var total]
            ? new(events, total)
            : throw new JsonException("Must be two numbers.");

    public override void Write(Utf8JsonWriter writer, Tally value, JsonSerializerOptions options)
    {
        writer.WriteStartArray();
        writer.WriteNumberValue(value.Events);
        writer.WriteNumberValue(value.Total);
        writer.WriteEndArray();
    }
}

/// <summary>
/// How much more clumped events are than independent ones: φ = the variance of how a tick's events split, over what it were if each fell by chance. All
/// evidence is divided by it. It is measured on the current arm alone, stable against stable:
/// <code>φ = max(1, (φ₀·w₀ + Σ Σᵢ (eᵢ − e·pᵢ)²) / (w₀ + Σ e·(1 − Σᵢ pᵢ²)))</code>
/// with e events in parts i that had pᵢ of the requests; the parts are its replicas in a tick, which load swings and incidents of all do not touch, or
/// where proxies do not tell replicas, a tick and the one before. Sums fade over an hour. φ₀ with the weight of w₀ events is what is
/// believed before anything is seen.
/// </summary>
internal sealed record Dispersion(
    [property: JsonPropertyName("s")] double Spread = 0,
    [property: JsonPropertyName("e")] double Expected = 0,
    [property: JsonPropertyName("l")] Tally Last = default)
{
    /// <summary>Before anything is seen. In clumps of b events on average, as a retrying client makes them, φ is 2b − 1.</summary>
    private const double Belief = 1.5;
    private const double BeliefWeight = 5;

    /// <summary>What was measured in the scope's last deployment weighs as so many events.</summary>
    private const double MemoryWeight = 20;

    public static readonly TimeSpan OfCurrent = TimeSpan.FromHours(1);
    public static readonly TimeSpan OfCandidate = TimeSpan.FromMinutes(5);

    /// <param name="remembered">Of the scope's last deployment; null when it is the first.</param>
    public double Phi(double? remembered) => remembered is { } known ? Phi(known, MemoryWeight) : Phi(Belief, BeliefWeight);

    /// <summary>φ of a part of the traffic, where <paramref name="phi"/> is that of the rest.</summary>
    public double PhiBeside(double phi) => Phi(phi, BeliefWeight);

    /// <param name="parts">By replica; fewer than two when that is not told.</param>
    public Dispersion Fold(Tally whole, IReadOnlyList<Tally> parts, TimeSpan span, TimeSpan memory)
    {
        var (spread, expected) = Split(parts.Count >= 2 ? parts : [Last, whole]);
        var fading = Math.Exp(-span / memory);
        return new(Math.Round((Spread * fading) + spread, 3), Math.Round((Expected * fading) + expected, 3), whole.Total > 0 ? whole : Last);
    }

    private double Phi(double belief, double weight) => Math.Max(1, (Spread + (belief * weight)) / (Expected + weight));

    private static (double Spread, double Expected) Split(IReadOnlyList<Tally> parts)
    {
        var (events, total) = (0.0, 0.0);
        foreach (var part in parts)
        {
            events += part.Events;
            total += part.Total;
        }

        var (spread, squares) = (0.0, 0.0);
        foreach (var part in parts)
        {
            var share = total > 0 ? part.Total / total : 0;
            squares += share * share;
            spread += Math.Pow(part.Events - (events * share), 2);
        }

        // A part alone, or events without requests, tell nothing.
        return squares is > 0 and < 1 ? (spread, events * (1 - squares)) : (0, 0);
    }
}
