using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Fury.Kernel;

namespace Fury.Deployments.Sources;

/// <summary>Tells series apart by pool, whatever source they are from. The first that cannot be is the fault of all.</summary>
internal sealed class SeriesReading(SourceOptions options, IReadOnlyCollection<PoolId> pools)
{
    /// <summary>Of one pool. More are for the source to sum.</summary>
    public const int PerPoolMax = 500;

    private const int KeyLength = 12;

    private readonly HashSet<PoolId> _pools = [.. pools];
    private readonly Dictionary<PoolId, int> _counts = [];
    private readonly List<Point> _points = [];
    private Fault? _fault;

    public Outcome<IReadOnlyList<Point>> Points => _fault is { } fault ? fault : _points;

    public void Add(IEnumerable<(string Name, string Value)> labels, IEnumerable<(DateTimeOffset At, double Value)> points)
    {
        var ordered = labels.OrderBy(label => label.Name, StringComparer.Ordinal).ToList();
        var (name, value) = ordered.Find(label => label.Name == options.Label);
        if (name is null)
        {
            _fault ??= Wrong($"series that lack the label {options.Label}: right would be a query that keeps it, and replicas that have it.");
        }
        else if (!PoolId.TryParse(value, out var pool))
        {
            var told = FieldFault.Of(options.Label, value, "").Value;
            _fault ??= Wrong($"{options.Label}=\"{told}\": right would be the id of a pool, as each replica has it in FURY_POOL.");
        }
        else if (_pools.Contains(pool))
        {
            var count = _counts[pool] = _counts.GetValueOrDefault(pool) + 1;
            if (count > PerPoolMax)
            {
                _fault ??= Wrong($"more than {PerPoolMax} series for a pool: right would be a query that sums them by {options.Label}.");
                return;
            }

            var key = Key(ordered.Where(label => label.Name != options.Label));
            _points.AddRange(points.Select(point => new Point(pool, key, point.At, point.Value)));
        }
    }

    private Fault Wrong(string what) => Fault.Invalid($"Source {options.Name} answers with {what}");

    /// <summary>Short, since many are kept.</summary>
    private static string Key(IEnumerable<(string Name, string Value)> labels)
    {
        var text = string.Join('\n', labels.Select(label => $"{label.Name}={label.Value}"));
        return text.Length == 0 ? "" : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..KeyLength];
    }
}

/// <summary>Reads JSON that may be anything.</summary>
internal static class JsonMembers
{
    /// <summary>Null when it is no object or has no such member.</summary>
    public static JsonElement? Member(this JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var member) ? member : null;
}
