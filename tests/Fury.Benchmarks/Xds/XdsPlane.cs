using System.Globalization;
using System.Net;
using Fury.Hosting;
using Fury.Kernel;
using Fury.Mesh;
using Fury.Mesh.Contracts;
using Fury.Mesh.Dependencies;
using Fury.Mesh.Proxies;
using Fury.Mesh.Snapshots;
using Fury.Mesh.Xds;
using Fury.Xds;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Fury.Benchmarks.Xds;

/// <summary>
/// The control plane in a process of its own: the mesh as a host runs it, on a real database for what it puts on record, with scopes that are put into
/// its state directly, since publishing 30,000 tables one after the other is not what is measured. Obeys lines on its standard input.
/// </summary>
internal static class XdsPlane
{
    public const string Name = "xds-plane";

    public const int DependenciesMax = DependencyStore.PerScopeMax;

    /// <summary>Looking costs about a millisecond for two thousand streams, and is in what is measured.</summary>
    private static readonly TimeSpan LookPeriod = TimeSpan.FromMilliseconds(20);

    public static async Task<int> Run(string[] arguments)
    {
        var (folder, connection) = (arguments[0], arguments[1]);
        var settings = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ConnectionStrings:Fury"] = connection,
            ["Fury:DataFolder"] = folder,
            ["Mesh:Xds:Listen"] = "http://127.0.0.1:0",
            ["Mesh:Xds:StreamsPerSecond"] = "100000",
            ["Mesh:Xds:StreamAgeMax"] = "10:00:00",
        }).Build();
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(settings);
        services.AddFuryHosting(settings, [new MeshModule()]);
        await using var provider = services.BuildServiceProvider();
        var hub = provider.GetRequiredService<XdsHub>();
        var state = new Scenery(hub);

        // The database first. What follows it stays off: the state is the scenery's.
        var all = provider.GetServices<IHostedService>().ToList();
        foreach (var hosted in all.Take(1).Concat(all.Where(hosted => hosted is XdsServer or ProxyRecorder)))
        {
            await hosted.StartAsync(CancellationToken.None);
        }

        Console.WriteLine(provider.GetRequiredService<XdsServer>().Address.Port);
        while (await Console.In.ReadLineAsync() is { } line)
        {
            Console.WriteLine(await Obey(line.Split(' '), state, hub));
        }

        return 0;
    }

    private static async Task<string> Obey(string[] order, Scenery state, XdsHub hub)
    {
        switch (order)
        {
            case ["scopes", var count, var endpoints]:
                state.Build(Number(count), Number(endpoints));
                return "ok";
            case ["route", var scope]:
                state.Weigh(Number(scope));
                return "ok";
            case ["cluster", var scope]:
                state.Limit(Number(scope));
                return "ok";
            case ["endpoint", var scope]:
                state.Move(Number(scope));
                return "ok";
            case ["backends", var blue, var green]:
                state.Serve(IPEndPoint.Parse(blue), IPEndPoint.Parse(green));
                return "ok";
            case ["flip"]:
                return (await Flip(state, hub)).ToString(CultureInfo.InvariantCulture);
            case ["managed"]:
                return $"{GC.GetTotalMemory(forceFullCollection: true) / 1024 / 1024}";
            case ["settled", var streams]:
                while (hub.All() is var all && (all.Count < Number(streams) || !all.All(IsSettled)))
                {
                    await Task.Delay(LookPeriod);
                }

                return "ok";
            default:
                return "?";
        }
    }

    /// <summary>Milliseconds until the only stream there is has acknowledged that all traffic of the first scope goes to its other pool.</summary>
    private static async Task<double> Flip(Scenery state, XdsHub hub)
    {
        var scope = MeshNames.Of(Scope(0));
        var (stream, began) = (hub.Followers(scope).Single(), TimeProvider.System.GetTimestamp());
        state.Flip();
        while (true)
        {
            var moved = hub.NextMove();
            if (stream.StandingOf(scope, hub.Current.Scopes[scope]) is { Stage: Stage.Applied } standing)
            {
                return TimeProvider.System.GetElapsedTime(began, standing.AckedAt).TotalMilliseconds;
            }

            await moved;
        }
    }

    /// <summary>It has asked for all that it will ask for, and nothing is due or under way.</summary>
    private static bool IsSettled(XdsStream stream)
    {
        lock (stream.Session.Gate)
        {
            return stream.Session[XdsType.Endpoint].Names.Count > 0
                && stream.Session.Types.All(type => !type.IsUnderWay && type.Due(removals: true).Count == 0);
        }
    }

    public static ScopeRef Scope(int number) => ScopeRef.Parse($"app-{number / 10}x/production-s{number}");

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    /// <summary>Scopes with one pool each, which change one at a time.</summary>
    private sealed class Scenery(XdsHub hub)
    {
        private readonly MeshState _state = new();
        private readonly List<(PoolId Old, PoolId Candidate)> _pools = [];
        private readonly Random _random = new(4711);
        private long _revision;
        private (int Each, int Over) _endpoints;
        private int _weight;

        public void Build(int scopes, int endpoints)
        {
            _endpoints = Math.DivRem(endpoints, scopes);
            List<TableChange> tables = [];
            List<PoolChange> pools = [];
            for (var number = 0; number < scopes; number++)
            {
                _pools.Add((PoolId.New(TimeProvider.System), PoolId.New(TimeProvider.System)));
                tables.Add(Table(number));
                pools.Add(Pool(number, 0));
            }

            // All that there is, up to what a scope may depend on.
            var all = Enumerable.Range(0, Math.Min(scopes, DependenciesMax)).Select(Scope).ToList();
            Apply(new(++_revision, tables, pools, [], [new DependencyChange(XdsBench.Caller, all)]));
        }

        public void Weigh(int number)
        {
            _weight = (_weight + 1) % 100;
            Apply(new(++_revision, [Table(number)], [], [], []));
        }

        public void Limit(int number)
        {
            var policy = new TrafficPolicy(CircuitBreakers: new(MaxRequests: 1000 + (int)_revision));
            Apply(new(++_revision, [], [], [new PolicyChange(Scope(number), policy)], []));
        }

        public void Move(int number) => Apply(new(++_revision, [], [Pool(number, (int)_revision)], [], []));

        /// <summary>The pools of the first scope are these.</summary>
        public void Serve(IPEndPoint old, IPEndPoint candidate)
        {
            var (one, other) = _pools[0];
            Apply(new(++_revision, [], [Of(one, old), Of(other, candidate)], [], []));

            PoolChange Of(PoolId pool, IPEndPoint at) =>
                new(pool, Scope(0), "local/this-machine/instances", [new(InstanceId.New(TimeProvider.System), $"{at.Address}", at.Port)], Retired: false);
        }

        public void Flip()
        {
            _weight = _weight == 0 ? 100 : 0;
            Apply(new(++_revision, [Table(0)], [], [], []));
        }

        /// <summary>One has two pools, whose weights move; the others have one.</summary>
        private TableChange Table(int number) => new(
            Scope(number),
            number > 0
                ? [new PoolWeight(_pools[number].Old, 100)]
                : [new PoolWeight(_pools[number].Old, 100 - _weight), new PoolWeight(_pools[number].Candidate, _weight)]);

        private PoolChange Pool(int number, int turn) => new(
            _pools[number].Old,
            Scope(number),
            "local/this-machine/instances",
            [.. Enumerable.Range(1, _endpoints.Each + (number < _endpoints.Over ? 1 : 0)).Select(index => Replica(number, turn, index))],
            Retired: false);

        private static Endpoint Replica(int number, int turn, int index) => new(
            InstanceId.From(new Guid(number, (short)index, (short)turn, new byte[8])), $"10.{number % 250}.{turn % 250}.{index}", 8080);

        private void Apply(RoutingChanges changes) => hub.Apply(_state.Apply(changes));
    }
}
