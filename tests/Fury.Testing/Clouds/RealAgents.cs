using System.Collections.Concurrent;

namespace Fury.Testing;

/// <summary>
/// The inside of the instances of fake clouds: as each instance has booted, the real agent is started with the configuration that its user data holds; when
/// the cloud ends it, the agent is told to end, and when it dies, all of it is killed.
/// </summary>
public sealed class RealAgents : IAsyncDisposable
{
    /// <summary>How late an instance boots and ends.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(20);

    private readonly ConcurrentDictionary<string, RealAgent> _agents = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly IReadOnlyList<IMachines> _clouds;
    private readonly Task _following;

    private RealAgents(IReadOnlyList<IMachines> clouds)
    {
        _clouds = clouds;
        _following = Follow();
    }

    /// <summary>Addresses of the instances in which anything runs.</summary>
    public IReadOnlyList<string> Living => [.. _agents.Where(one => one.Value.IsAlive).Select(one => one.Key).Order(StringComparer.Ordinal)];

    /// <summary>What all agents have said, for a test that fails.</summary>
    public string Log => string.Join('\n', _agents.Select(one => $"--- {one.Key}\n{one.Value.Log}"));

    /// <summary>From now on, in every instance of these clouds.</summary>
    public static RealAgents Inside(params IReadOnlyList<IMachines> clouds) => new(clouds);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _following;
        foreach (var agent in _agents.Values)
        {
            await agent.DisposeAsync();
        }

        _stop.Dispose();
    }

    private async Task Follow()
    {
        while (!_stop.IsCancellationRequested)
        {
            foreach (var machine in _clouds.SelectMany(cloud => cloud.Machines()))
            {
                Move(machine);
            }

            await Task.Delay(LookEvery, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Move(CloudMachine machine)
    {
        if (machine.IsUp)
        {
            _agents.GetOrAdd(machine.Address, _ => RealAgent.Start(machine));
        }
        else if (machine.IsOver && _agents.TryGetValue(machine.Address, out var agent))
        {
            if (machine.HasDied)
            {
                agent.Kill();
            }
            else
            {
                agent.Stop();
            }
        }
    }
}
