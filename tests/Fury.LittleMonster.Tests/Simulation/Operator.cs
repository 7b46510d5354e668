using System.Text.Json;

namespace Fury.LittleMonster.Tests.Simulation;

/// <summary>
/// A person who looks after what is stuck: never before every call that was under way must have ended, and of a step that can be done only
/// once not without a look at the cloud.
/// </summary>
internal sealed class Operator(
    Simulator simulator, Fleet fleet, SimulatedPostgres database, SimulatedCloud cloud, IReadOnlyList<SagaDefinition> definitions)
{
    private static readonly TimeSpan LookPeriod = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan CoolDown = SimulatedCloud.UnderWayMax * 2;

    private readonly Dictionary<long, (int Seq, TimeSpan Since)> _stuck = [];

    /// <summary>How often a saga was found stuck.</summary>
    public int Found { get; private set; }

    public void Begin() => simulator.After(LookPeriod, Look);

    private void Look()
    {
        foreach (var saga in database.Live.Values.Where(saga => saga.State is SagaState.Stuck).ToArray())
        {
            if (!_stuck.TryGetValue(saga.Id, out var known) || known.Seq != saga.Seq)
            {
                Found++;
                _stuck[saga.Id] = (saga.Seq, simulator.Now);
            }
            else if (simulator.Now - known.Since > CoolDown)
            {
                Act(saga);
                if (simulator.Happens(0.3))
                {
                    // An order that is sent twice is carried out once.
                    Act(saga);
                }
            }
        }

        simulator.After(LookPeriod, Look);
    }

    private void Act(SagaTuple saga)
    {
        if (fleet.Any() is not { } host)
        {
            return;
        }

        var name = database.NameOf(saga.Definition);
        var step = definitions.Single(one => one.Name == name && one.Version == saga.Version).Steps[saga.Step];
        var (id, choice) = (new SagaId(saga.Id), simulator.Chance.Next(10));
        _ = host.Process.Start(async () =>
        {
            try
            {
                if (saga.Undoing)
                {
                    await host.Requests.Retry(id, Because("try to undo it again", saga), CancellationToken.None);
                }
                else if (choice == 0)
                {
                    await host.Requests.Cancel(id, Because("give it up", saga), null, CancellationToken.None);
                }
                else if (cloud.Find(saga.Id, step.Name) is { IsLive: true } && step.ResultType == typeof(string))
                {
                    var result = JsonSerializer.SerializeToElement("found by the operator");
                    await host.Requests.Skip(id, Because("it was done", saga), result, CancellationToken.None);
                }
                else
                {
                    await host.Requests.Retry(id, Because("it was not done", saga), CancellationToken.None);
                }
            }
            catch (Exception exception) when (Database.MayPass(exception))
            {
                // The next look is the retry.
            }
        });
    }

    private static DeskOrder Because(string reason, SagaTuple saga) => new("operator", reason, saga.Seq);
}
