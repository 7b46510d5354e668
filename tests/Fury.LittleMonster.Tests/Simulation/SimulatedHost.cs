namespace Fury.LittleMonster.Tests.Simulation;

/// <summary>One process with all of Little Monster in it, as the module puts it together.</summary>
#pragma warning disable CA1001 // A process that was killed disposes of nothing.
internal sealed class SimulatedHost
#pragma warning restore CA1001
{
    private readonly CancellationTokenSource _stopping = new();

    /// <param name="build">1 knows the first version of what changes, 2 the second.</param>
    public SimulatedHost(
        Simulator simulator, SimulatedServer server, SimulatedCloud cloud, LittleMonsterSettings settings, Story story, string node, int build)
    {
        (Node, Build) = (node, build);
        Process = new SimulatedProcess(simulator, node);
        Wire = new SimulatedWire(simulator, server, Process);
        var drift = (simulator.Chance.NextDouble() - 0.5) * 0.002;
        Time = new SimulatedTime(simulator, Process, simulator.Between(TimeSpan.FromMinutes(-5), TimeSpan.FromMinutes(5)), drift);
        var registry = new SagaRegistry(() => Sagas(Process, cloud, build));
        var stores = new SimulatedConnections(server.Database, Wire, registry);
        var mint = new SagaIdMint(Time);
        var world = new MonsterWorld(node, Time, new Random(simulator.Chance.Next()), new Schedulers(Process, Process));
        Monster = new MonsterHost(
            new MonsterStores(stores, stores, stores.Lane), registry, mint, settings, world, story.Of(node));
        var finder = new SagaFinder(stores, registry, Monster);
        Requests = new SagaRequests(stores, registry, finder, Monster);
        Client = new LittleMonster(finder, Requests, Monster, Time);
        Process.Start(() => Run(simulator));
    }

    public string Node { get; }

    public int Build { get; }

    public SimulatedProcess Process { get; }

    public SimulatedTime Time { get; }

    public SimulatedWire Wire { get; }

    public MonsterHost Monster { get; }

    public ILittleMonster Client { get; }

    public SagaRequests Requests { get; }

    public bool IsStopping { get; private set; }

    public bool IsAlive => Process.IsAlive;

    public void Stop()
    {
        IsStopping = true;
        Process.Post(_stopping.Cancel);
    }

    private async Task Run(Simulator simulator)
    {
        try
        {
            await Monster.Run(_stopping.Token);
        }
        catch (Exception exception)
        {
            simulator.Violated($"{Node} ended with {exception}");
        }

        Process.Kill();
    }

    public static IEnumerable<Saga> Sagas(SimulatedProcess process, SimulatedCloud cloud, int build) =>
    [
        new PlainSaga(process, cloud),
        new WaitingSaga(process, cloud),
        new SignalSaga(process, cloud),
        new ParentSaga(process, cloud),
        new FanSaga(process, cloud),
        new PivotSaga(process, cloud),
        new OnceSaga(process, cloud),
        build == 1 ? new ChangingSaga(process, cloud) : new ChangedSaga(process, cloud),
    ];
}
