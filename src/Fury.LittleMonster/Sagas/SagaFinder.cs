using Fury.Kernel;

namespace Fury.LittleMonster;

/// <summary>Finds one saga: in this host's memory, in the database, or on its way through the inbox.</summary>
internal sealed class SagaFinder(ISagaStore store, SagaRegistry registry, MonsterHost host)
{
    public async Task<Outcome<SagaView>> Find(SagaId id, CancellationToken cancellation)
    {
        if (host.Engine is { } engine && await engine.Find(id) is { } live)
        {
            return View(live, null);
        }

        for (var look = 0; look < 2; look++)
        {
            if (await store.Find(id, cancellation) is { } row)
            {
                return View(row.Saga, row.EndedAt);
            }

            if (await store.WaitingStart(id, cancellation) is { } payload)
            {
                return View(StartRequest.Read(payload).Blank(id, host.Clock.Now), null);
            }

            // It may have gone from the inbox to the sagas between the two looks.
        }

        return Fault.NotFound("saga", id);
    }

    public SagaView View(SagaRecord saga, DateTimeOffset? endedAt) => new(
        saga.Id,
        saga.Name,
        saga.Version,
        saga.Key,
        StateOf(saga),
        registry.StepName(saga.Name, saga.Version, saga.Step),
        saga.Attempt,
        saga.Fault,
        saga.StartedAt,
        endedAt,
        saga.Deadline,
        new ResultsView(saga.Results))
    {
        Parent = saga.Parent,
        WaitingFor = saga.WaitingFor,
        Undoing = saga.Undoing,
        Revision = saga.Seq,
    };

    public SagaState StateOf(SagaRecord saga) =>
        saga.IsFinal || registry.Resolve(saga.Name, saga.Version) is not null ? saga.State : SagaState.Parked;
}
