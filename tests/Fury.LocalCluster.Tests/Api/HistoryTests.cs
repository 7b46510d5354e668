using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Xunit.Abstractions;

namespace Fury.LocalCluster.Tests;

/// <summary>
/// Whatever is written, and however often a watcher is cut off or told that it is too late: what it holds in the end is what there is.
/// </summary>
public sealed class HistoryTests(ITestOutputHelper output)
{
    private const int WritesPerHistory = 300;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public async Task A_watcher_that_resumes_holds_what_there_is(int seed)
    {
        output.WriteLine($"seed {seed}");
        await using var cluster = await Cluster.Start(new()
        {
            Kubelet = KubeletMode.None,
            Nodes = 0,
            HistoryMax = 40,
            BookmarkInterval = TimeSpan.FromMilliseconds(20),
        });
        using var api = new Client(cluster);
        var watchers = Enumerable.Range(0, 3).Select(number => new Reflector(api, number == 0 ? null : "even=true")).ToList();
        using var ending = new CancellationTokenSource();
        var running = watchers.Select(watcher => watcher.Run(ending.Token)).ToList();
        var chance = new Random(seed);
        for (var write = 0; write < WritesPerHistory; write++)
        {
            await Write(cluster, api, chance);
        }

        foreach (var watcher in watchers)
        {
            var wanted = await Stored(api, watcher.Selector);
            await Fury.Testing.Eventually.True(() => watcher.Holds == wanted, because: $"seed {seed}: {wanted} and not {watcher.Holds}");
            Assert.Equal(0, watcher.OutOfOrder);
        }

        await ending.CancelAsync();
        await Task.WhenAll(running);
    }

    [Fact]
    public async Task Of_writers_that_have_seen_the_same_one_wins_and_no_write_is_lost()
    {
        const int Writers = 6;
        const int Increments = 20;
        await using var cluster = await Cluster.Start(new() { Kubelet = KubeletMode.None, Nodes = 0 });
        using var api = new Client(cluster);
        await api.Post(Client.Maps, Client.Map("sum", "0"));
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(async _ =>
        {
            for (var done = 0; done < Increments;)
            {
                var map = (await api.Get($"{Client.Maps}/sum")).Body;
                map["data"]!["key"] = (int.Parse(map.Text("data", "key")!, CultureInfo.InvariantCulture) + 1).ToString(CultureInfo.InvariantCulture);
                var answer = await api.Put($"{Client.Maps}/sum", map);
                Assert.True(answer.Code is HttpStatusCode.OK or HttpStatusCode.Conflict, answer.Message);
                done += answer.Code == HttpStatusCode.OK ? 1 : 0;
            }
        }));

        Assert.Equal("120", (await api.Get($"{Client.Maps}/sum")).Body.Text("data", "key"));
        Assert.True(cluster.Faults.Answers.GetValueOrDefault(409) > 0, "the writers never met");
    }

    private static async Task Write(Cluster cluster, Client api, Random chance)
    {
        var name = $"m{chance.Next(12)}";
        var even = chance.Next(2) == 0 ? "true" : "false";
        switch (chance.Next(20))
        {
            case < 6:
                await api.Post(Client.Maps, Client.Map(name, chance.Next(100).ToString(CultureInfo.InvariantCulture), $"{{\"even\":\"{even}\"}}"));
                break;
            case < 14:
                await api.Patch(
                    $"{Client.Maps}/{name}", $"{{\"metadata\":{{\"labels\":{{\"even\":\"{even}\"}}}},\"data\":{{\"key\":\"{chance.Next(100)}\"}}}}");
                break;
            case < 17:
                await api.Delete($"{Client.Maps}/{name}");
                break;
            case 17:
                cluster.Faults.CutWatches();
                break;
            case 18:
                cluster.ForgetHistory();
                break;
            default:
                await api.Post("api/v1/namespaces/default/secrets", $"{{\"metadata\":{{\"generateName\":\"s-\"}}}}");
                break;
        }
    }

    private static async Task<string> Stored(Client api, string? selector)
    {
        var list = await api.Get(Client.Maps + (selector is null ? "" : $"?labelSelector={Uri.EscapeDataString(selector)}"));
        return Text(list.Body.Array("items")!.Select(item => (item.Text("metadata", "name")!, item.Text("data", "key")!)));
    }

    private static string Text(IEnumerable<(string Name, string Value)> items) =>
        string.Join(' ', items.OrderBy(item => item.Name, StringComparer.Ordinal).Select(item => $"{item.Name}={item.Value}"));

    /// <summary>The plainest informer: list, then watch from there; from the last version seen when it is cut; anew when that is gone.</summary>
    private sealed class Reflector(Client api, string? selector)
    {
        private readonly Dictionary<string, string> _held = [];
        private long _seen;

        public string? Selector => selector;

        public int OutOfOrder { get; private set; }

        public string Holds
        {
            get
            {
                lock (_held)
                {
                    return Text(_held.Select(item => (item.Key, item.Value)));
                }
            }
        }

        public async Task Run(CancellationToken ending)
        {
            string? version = null;
            while (!ending.IsCancellationRequested)
            {
                try
                {
                    version ??= await List();
                    version = await Follow(version, ending);
                }
                catch (Exception cut) when (cut is IOException or HttpRequestException or OperationCanceledException)
                {
                    version = _seen.ToString(CultureInfo.InvariantCulture);
                }
            }
        }

        private string Query => selector is null ? "?" : $"?labelSelector={Uri.EscapeDataString(selector)}&";

        private async Task<string> List()
        {
            var list = await api.Get(Client.Maps + Query);
            lock (_held)
            {
                _held.Clear();
                foreach (var item in list.Body.Array("items")!)
                {
                    _held[item.Text("metadata", "name")!] = item.Text("data", "key")!;
                }
            }

            _seen = long.Parse(list.Version, CultureInfo.InvariantCulture);
            return list.Version;
        }

        private async Task<string?> Follow(string version, CancellationToken ending)
        {
            using var watcher = await api.Watch($"{Client.Maps}{Query}resourceVersion={version}&allowWatchBookmarks=true");
            while (!ending.IsCancellationRequested && await watcher.Next() is { } seen)
            {
                if (seen.Type == "ERROR")
                {
                    return null;
                }

                var at = long.Parse(seen.Version, CultureInfo.InvariantCulture);
                OutOfOrder += at < _seen || (at == _seen && seen.Type != "BOOKMARK") ? 1 : 0;
                _seen = at;
                lock (_held)
                {
                    Apply(seen);
                }
            }

            return _seen.ToString(CultureInfo.InvariantCulture);
        }

        private void Apply(Seen seen)
        {
            // An event that does not fit what is held would mean that one was missed.
            switch (seen.Type)
            {
                case "ADDED" when _held.TryAdd(seen.Name, Value(seen.Object)):
                case "MODIFIED" when _held.ContainsKey(seen.Name):
                    _held[seen.Name] = Value(seen.Object);
                    break;
                case "DELETED" when _held.Remove(seen.Name):
                case "BOOKMARK":
                    break;
                default:
                    OutOfOrder++;
                    break;
            }
        }

        private static string Value(JsonObject map) => map.Text("data", "key")!;
    }
}
