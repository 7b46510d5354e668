using System.Globalization;
using System.Text.RegularExpressions;

namespace Fury.LittleMonster.Tests.Simulation;

/// <summary>What a run did.</summary>
/// <param name="Violation">What must never happen and did; null when all is well.</param>
/// <param name="Trace">Equal for equal runs.</param>
internal sealed record SimulationRun(
    int Seed,
    string? Violation,
    ulong Trace,
    int Sagas,
    int Stuck,
    int Compensated,
    int Troubles,
    int CloudFaults,
    int Losses,
    int Commits,
    TimeSpan Time,
    long Works);

/// <summary>
/// One simulated world: hosts, PostgreSQL, a cloud, callers and an operator; some minutes in which everything goes wrong, and then peace, in
/// which everything must come to an end.
/// </summary>
internal sealed partial class Simulation
{
    /// <summary>That callers start; their children come on top.</summary>
    private const int Sagas = 300;

    private static readonly TimeSpan PeaceMax = TimeSpan.FromMinutes(90);
    private static readonly TimeSpan LookPeriod = TimeSpan.FromSeconds(5);

    private readonly Simulator _simulator;
    private readonly SimulatedPostgres _database;
    private readonly SimulatedServer _server;
    private readonly SimulatedCloud _cloud;
    private readonly Inspector _inspector;
    private readonly Fleet _fleet;
    private readonly Callers _callers;
    private readonly Operator _operator;
    private readonly Troubles _troubles;
    private readonly bool _rough;
    private bool _over;

    /// <param name="rough">Many requests are done long after their callers gave up, and many sagas are cancelled.</param>
    /// <param name="listener">Is told the story of the run.</param>
    public Simulation(int seed, Flaws? flaws = null, bool rough = false, Action<string>? listener = null)
    {
        _rough = rough;
        _simulator = new Simulator(seed);
        var story = new Story(_simulator, listener);
        _database = new SimulatedPostgres(() => _simulator.Now, new Random(seed), flaws);
        _server = new SimulatedServer(_simulator, _database);
        _cloud = new SimulatedCloud(_simulator, _database);
        var nobody = new SimulatedProcess(_simulator, "nobody");
        SagaDefinition[] definitions =
        [
            .. SimulatedHost.Sagas(nobody, _cloud, 1).Concat(SimulatedHost.Sagas(nobody, _cloud, 2)).Select(saga => saga.Build())
                .DistinctBy(definition => (definition.Name, definition.Version)),
        ];
        _database.Watch = _inspector = new Inspector(_simulator, _database, _cloud, definitions, story);
        _fleet = new Fleet(_simulator, _server, _cloud, story);
        _callers = new Callers(_simulator, _fleet, _database, Sagas, rough ? 0.6 : 0.15);
        _operator = new Operator(_simulator, _fleet, _database, _cloud, definitions);
        _troubles = new Troubles(_simulator, _fleet, _server, _cloud, story);
    }

    public SimulationRun Run()
    {
        var trouble = _simulator.Between(TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(4));
        _fleet.Begin();
        _troubles.Begin(trouble, _rough);
        _callers.Begin(trouble * 0.9);
        _operator.Begin();
        _simulator.Run(trouble);
        _troubles.End();
        _simulator.After(LookPeriod, Look);
        _simulator.Run(trouble + PeaceMax, () => _over);
        if (_simulator.Violation is null)
        {
            // Whoever waits for the last one has time to hear of it.
            _simulator.Run(_simulator.Now + LookPeriod);
            Judge();
        }

        return new SimulationRun(
            _simulator.Seed,
            _simulator.Violation is { } violation ? Explained(violation) : null,
            _simulator.Trace,
            _database.Live.Count + _database.Ended.Count,
            _operator.Found,
            _database.Ended.Values.Count(saga => saga.State is SagaState.Compensated),
            _troubles.Count,
            _cloud.Faults,
            _fleet.Losses,
            _inspector.Commits,
            _simulator.Now,
            _simulator.Works);
    }

    /// <summary>With the journals of the sagas that it speaks of.</summary>
    private string Explained(string violation) => string.Join(
        '\n', [violation, .. SagaIds().Matches(violation).Select(id => Tell(long.Parse(id.Value, CultureInfo.InvariantCulture))).Distinct()]);

    [GeneratedRegex(@"\d{15,}")]
    private static partial Regex SagaIds();

    private string Tell(long saga)
    {
        var lines = _database.Journal.GetValueOrDefault(saga)?.Select(row => string.Create(
            CultureInfo.InvariantCulture,
            $"\n  {row.Seq,3} host {row.Host} fence {row.Fence} {row.Kind} step {row.Step} attempt {row.Attempt} {Text(row.Data)}"));
        var found = _database.Find(saga);
        return found is null
            ? $"There is no saga {saga}."
            : $"{found}, of a shard that host {_database.OwnerOf(found.Shard)} owns{string.Concat(lines ?? [])}";
    }

    private static string Text(byte[] data) => System.Text.Encoding.UTF8.GetString(data);

    private void Look()
    {
        _over = _database.Live.Count == 0 && _database.Waiting.Count == 0 && _callers.AreDone;
        if (!_over)
        {
            _simulator.After(LookPeriod, Look);
        }
    }

    /// <summary>After the peace.</summary>
    private void Judge()
    {
        if (!_over)
        {
            var (live, row) = (_database.Live.Values.FirstOrDefault(), _database.Waiting.FirstOrDefault());
            _simulator.Violated(
                live is not null ? $"Saga {live.Id} is {live.State} at step {live.Step} after {PeaceMax.TotalMinutes} minutes of peace, and "
                    + $"{_database.Live.Count - 1} others have not ended"
                : row is not null ? $"Request {row.Id} to saga {row.Saga} waits after {PeaceMax.TotalMinutes} minutes of peace"
                : _callers.Waiting);
            return;
        }

        _inspector.Judge();
        _callers.Judge();
    }
}
