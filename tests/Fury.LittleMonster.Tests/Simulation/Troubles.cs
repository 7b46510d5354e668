namespace Fury.LittleMonster.Tests.Simulation;

/// <summary>What befalls hosts, network, PostgreSQL and cloud, until it ends and all of it is mended.</summary>
internal sealed class Troubles(Simulator simulator, Fleet fleet, SimulatedServer server, SimulatedCloud cloud, Story story)
{
    private bool _over;

    public int Count { get; private set; }

    /// <param name="rough">Many requests are done long after their callers gave up.</param>
    public void Begin(TimeSpan time, bool rough)
    {
        var pause = simulator.Between(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(20));
        cloud.Storm = simulator.Pick([0.0, 0.3, 1.0]);
        var (lost, late) = (simulator.Pick([0, 0.001, 0.01, 0.03]), simulator.Pick([0, 0.001, 0.003, 0.01]));
        var slow = simulator.Between(TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(60));
        fleet.Blow(rough ? new Weather(0.002, 0.02, slow) : new Weather(lost, late, slow));
        for (var at = simulator.Between(TimeSpan.Zero, pause); at < time; at += simulator.Between(TimeSpan.Zero, pause * 2))
        {
            simulator.After(at, Strike);
        }
    }

    /// <summary>Peace: all that was broken is mended, and all hosts are of the newest build.</summary>
    public void End()
    {
        _over = true;
        cloud.Storm = 0;
        fleet.Blow(Weather.Fair);
        fleet.Build = 2;
        if (!server.IsUp)
        {
            server.Start();
        }

        fleet.Sweep();
        foreach (var host in fleet.Alive.ToArray())
        {
            host.Wire.IsCut = false;
            host.Process.Wake();
            if (host.Build < fleet.Build)
            {
                host.Stop();
            }
        }

        if (fleet.Alive.All(host => host.IsStopping))
        {
            fleet.Start(null);
        }
    }

    private void Strike()
    {
        var host = fleet.Any();
        if (_over || host is null)
        {
            return;
        }

        Count++;
        var trouble = simulator.Chance.Next(10);
        story.Tell(host.Node, $"trouble {trouble}");
        switch (trouble)
        {
            case 0 or 1:
                Kill(host);
                break;
            case 2 or 3:
                host.Process.Freeze();
                Later(fleet.Lease * 3, host.Process.Wake);
                break;
            case 4:
                Stop(host);
                break;
            case 5:
                server.Stop();
                Later(fleet.Lease * 2, () =>
                {
                    if (!server.IsUp)
                    {
                        server.Start();
                    }
                });
                break;
            case 6 or 7:
                host.Wire.IsCut = true;
                Later(fleet.Lease * 3, () => host.Wire.IsCut = false);
                break;
            case 8:
                host.Time.Skew += simulator.Between(TimeSpan.FromMinutes(-2), TimeSpan.FromMinutes(2));
                cloud.Storm = simulator.Pick([0.1, 1.0, 5.0]);
                break;
            default:
                if (fleet.Alive.Count < Fleet.HostsMax)
                {
                    Release();
                    fleet.Start(null);
                }

                break;
        }
    }

    private void Kill(SimulatedHost host)
    {
        host.Process.Kill();
        Later(fleet.Lease * 3, () => Replace(host));
    }

    private void Stop(SimulatedHost host)
    {
        host.Stop();
        simulator.After(simulator.Between(TimeSpan.Zero, TimeSpan.FromSeconds(15)), () => Replace(host));
    }

    /// <summary>Under its own name only when it is gone for sure, as the lock on its data folder proves.</summary>
    private void Replace(SimulatedHost host)
    {
        Release();
        fleet.Start(host.IsAlive || simulator.Happens(0.3) ? null : host.Node);
    }

    private void Release() => fleet.Build = Math.Max(fleet.Build, simulator.Happens(0.3) ? 2 : 1);

    private void Later(TimeSpan atMost, Action act) =>
        simulator.After(simulator.Between(TimeSpan.Zero, atMost), act);
}
