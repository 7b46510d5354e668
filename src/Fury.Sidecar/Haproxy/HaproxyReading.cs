using System.Collections.Immutable;
using System.Globalization;

namespace Fury.Sidecar.Haproxy;

/// <summary>What HAProxy has counted for a backend since it started, or for a server of it since that was added.</summary>
/// <param name="Server">Null for the backend itself.</param>
/// <param name="Begun">Requests that came to it.</param>
/// <param name="Answered">At a backend: requests that have ended, with any status but 5xx.</param>
/// <param name="Fives">With 5xx: at a backend requests that have ended, HAProxy's own answers among them; at a server what it has answered.</param>
/// <param name="Left">Requests whose client left, before the answer or during it.</param>
internal sealed record Counted(int Backend, string? Server, long InFlight, long Begun, long Answered, long Fives, long Left)
{
    /// <summary>
    /// <see cref="Begun"/> as it was read a moment before <see cref="InFlight"/>: what this says has ended has, whatever has come in between.
    /// </summary>
    public long BegunBefore { get; init; } = Begun;

    public static Counted None(int backend) => new(backend, null, 0, 0, 0, 0, 0);
}

/// <summary>From HAProxy's answers to its own words. Pure.</summary>
internal static class HaproxyReading
{
    private const string BackendRow = "BACKEND";

    private static readonly string[] AnsweredColumns = ["hrsp_1xx", "hrsp_2xx", "hrsp_3xx", "hrsp_4xx", "hrsp_other"];

    /// <summary>The answer to <c>show stat</c>: a line of names, then a line for each backend and server.</summary>
    /// <seealso href="https://docs.haproxy.org/2.6/management.html#9.1"/>
    public static IReadOnlyList<Counted> Counters(string answer)
    {
        List<Counted> counted = [];
        var columns = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var line in answer.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            // No column up to those that are read here can have a comma in it, so none of them is ever quoted.
            var cells = line.TrimStart('#', ' ').Split(',');
            if (line.StartsWith('#'))
            {
                columns = cells.Index().Where(cell => cell.Item.Length > 1).ToDictionary(cell => cell.Item, cell => cell.Index, StringComparer.Ordinal);
            }
            else if (Backends.NumberOf(cells[columns["pxname"]]) is { } backend)
            {
                var server = cells[columns["svname"]];
                counted.Add(new(
                    backend, server == BackendRow ? null : server, Number("scur"), Number("stot"), AnsweredColumns.Sum(Number), Number("hrsp_5xx"),
                    Number("cli_abrt")));
            }

            long Number(string column) => long.TryParse(cells[columns[column]], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
        }

        return counted;
    }

    /// <summary>The answer to <c>show map</c>: a reference, a key and a value on each line.</summary>
    public static IEnumerable<KeyValuePair<MapEntry, string>> Map(HaproxyMap map, string answer) =>
        from line in answer.Split('\n', StringSplitOptions.RemoveEmptyEntries)
        let words = line.Split(' ', 3)
        where words.Length == 3
        select KeyValuePair.Create(new MapEntry(map, words[1]), words[2]);

    /// <summary>The answer to <c>show servers state</c>: a version, a line of names, then a line for each server.</summary>
    public static ImmutableDictionary<ServerAt, bool> Servers(string answer)
    {
        var servers = ImmutableDictionary.CreateBuilder<ServerAt, bool>();
        var columns = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var line in answer.Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1))
        {
            var cells = line.TrimStart('#', ' ').Split(' ');
            if (line.StartsWith('#'))
            {
                columns = cells.Index().ToDictionary(cell => cell.Item, cell => cell.Index, StringComparer.Ordinal);
            }
            else if (Backends.NumberOf(cells[columns["be_name"]]) is { } backend)
            {
                // 0: nobody has told it to be out of use.
                servers[ServerAt.Parse(backend, cells[columns["srv_name"]])] = cells[columns["srv_admin_state"]] == "0";
            }
        }

        return servers.ToImmutable();
    }
}
