namespace Fury.LittleMonster.Tests.Simulation;

/// <summary>The hosts of a simulation, those that are gone too.</summary>
internal sealed class Fleet(Simulator simulator, SimulatedServer server, SimulatedCloud cloud, Story story)
{
    public const int HostsMax = 4;

    private readonly LittleMonsterSettings _settings = Settings(simulator);
    private readonly List<SimulatedHost> _hosts = [];
    private int _names;
    private int _lossesOfTheGone;

    public TimeSpan Lease => _settings.Lease;

    public IReadOnlyList<SimulatedHost> Alive => _hosts;

    public Weather Weather { get; private set; } = Weather.Fair;

    /// <summary>What new hosts are built from.</summary>
    public int Build { get; set; } = 1;

    public int Losses => _lossesOfTheGone + _hosts.Sum(host => host.Wire.Losses);

    public void Begin()
    {
        for (var host = simulator.Chance.Next(HostsMax); host >= 0; host--)
        {
            Start(null);
        }
    }

    /// <param name="node">The name of a host that is gone for sure, or null for a new one.</param>
    public SimulatedHost Start(string? node)
    {
        Sweep();
        var name = node is null || _hosts.Exists(host => host.Node == node) ? $"node-{++_names}" : node;
        var host = new SimulatedHost(simulator, server, cloud, _settings, story, name, Build) { Wire = { Weather = Weather } };
        _hosts.Add(host);
        story.Tell(name, $"begins, build {Build}");
        return host;
    }

    /// <summary>Forgets those that have ended.</summary>
    public void Sweep()
    {
        _lossesOfTheGone += _hosts.Where(host => !host.IsAlive).Sum(host => host.Wire.Losses);
        _hosts.RemoveAll(host => !host.IsAlive);
    }

    public SimulatedHost? Any()
    {
        Sweep();
        return _hosts.Count == 0 ? null : simulator.Pick(_hosts);
    }

    public void Blow(Weather weather)
    {
        Weather = weather;
        _hosts.ForEach(host => host.Wire.Weather = weather);
    }

    private static LittleMonsterSettings Settings(Simulator simulator)
    {
        var settings = new LittleMonsterSettings
        {
            Lease = TimeSpan.FromSeconds(simulator.Pick([2, 5, 10])),
            Lanes = simulator.Pick([1, 1, 2]),
            StepsMax = simulator.Pick([4, 32, 256]),
            StopGrace = TimeSpan.FromSeconds(simulator.Pick([0, 2, 5])),
        };
        settings.Limits["cloud/small"] = new RateLimitSettings { PerSecond = 20, Burst = 5, Concurrent = 6 };
        settings.Limits["cloud"] = new RateLimitSettings { PerSecond = 200, Burst = 50, Concurrent = 50 };
        return settings;
    }
}
