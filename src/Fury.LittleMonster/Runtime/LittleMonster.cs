using System.Security.Cryptography;
using System.Text.Json;
using Fury.Hosting;
using Fury.Kernel;

namespace Fury.LittleMonster;

/// <summary>The public face: in memory when this host owns the saga's shard, through the inbox when another does.</summary>
internal sealed class LittleMonster(SagaStore store, SagaRegistry registry, SagaIdMint mint, MonsterHost host, TimeProvider time)
    : ILittleMonster
{
    public const int StartKeyLengthMax = 200;
    public const int ConcurrencyKeyLengthMax = 200;
    public const int InputBytesMax = 256 * 1024;
    public const int ReasonLengthMax = 1000;

    /// <summary>How often a saga that another host runs is looked at by those who wait for it: soon at first, then at this pace.</summary>
    private static readonly TimeSpan LookPeriodMax = TimeSpan.FromMilliseconds(200);

    private static readonly TimeSpan LookPeriodMin = TimeSpan.FromMilliseconds(2);

    public Task<Outcome<SagaId>> Start<TSaga, TInput>(string key, TInput input, CancellationToken cancellation)
        where TSaga : Saga<TInput>
        where TInput : notnull => Start(registry.Of<TSaga>(), key, input, null, cancellation);

    public Task<Outcome<SagaId>> Start<TSaga, TInput>(ITransaction transaction, string key, TInput input, CancellationToken cancellation)
        where TSaga : Saga<TInput>
        where TInput : notnull => Start(registry.Of<TSaga>(), key, input, transaction, cancellation);

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

    public async Task<Outcome<SagaView>> WaitFor(SagaId id, CancellationToken cancellation)
    {
        for (var look = LookPeriodMin; ; look = look * 2 < LookPeriodMax ? look * 2 : LookPeriodMax)
        {
            if (host.Engine is { } engine && await engine.WaitFor(id, cancellation) is { } live)
            {
                return View(live, live.IsFinal ? host.Clock.Now : null);
            }

            var found = await Find(id, cancellation);
            if (!found.IsOk || found.Value.IsFinal || found.Value.State is SagaState.Stuck)
            {
                return found;
            }

            if (host.Engine is not { } again || await again.Find(id) is null)
            {
                await Task.Delay(look, time, cancellation);
            }
        }
    }

    public async Task<Outcome> Cancel(SagaId id, string reason, CancellationToken cancellation)
    {
        if (string.IsNullOrWhiteSpace(reason) || reason.Length > ReasonLengthMax)
        {
            return Fault.Invalid("reason", reason, $"1 to {ReasonLengthMax} characters");
        }

        var found = await Find(id, cancellation);
        if (!found.IsOk)
        {
            return found.Fault;
        }

        var saga = found.Value;
        if (saga.IsFinal || saga.State is SagaState.Undoing or SagaState.Stuck)
        {
            return Fault.Conflict($"Saga {id} is {saga.State.ToString().ToLowerInvariant()} and cannot be cancelled.");
        }

        if (registry.Find(saga.Name, saga.Version) is { } definition
            && definition.Steps.FirstOrDefault(step => step.Name == saga.Step) is { } at && at.Index >= definition.Pivot)
        {
            return Fault.Conflict($"Saga {id} is past the point of no return, at '{saga.Step}', and can only be finished.");
        }

        await store.RequestCancel(
            SagaToken.Shard(saga.Key), id, JsonSerializer.SerializeToUtf8Bytes(reason.Replace('\0', ' '), FuryJson.Options), cancellation);
        WakeOwner();
        return Outcome.Ok;
    }

    public void Nudge(SagaId id)
    {
        if (host.Engine is { } engine)
        {
            engine.Nudge(id, () => NudgeElsewhere(id));
        }
        else
        {
            NudgeElsewhere(id);
        }
    }

    private void NudgeElsewhere(SagaId id)
    {
        if (host.Hosts > 1)
        {
            host.Notices.Nudge(id);
        }
    }

    private async Task<Outcome<SagaId>> Start<TInput>(
        SagaDefinition definition,
        string key,
        TInput input,
        ITransaction? transaction,
        CancellationToken cancellation)
    {
        var prepared = Prepare(definition, key, input);
        if (!prepared.IsOk)
        {
            return prepared.Fault;
        }

        await store.Register(cancellation);
        var blank = prepared.Value;
        var number = store.DefinitionId(definition);
        var row = new StartRow(blank, number, $"{definition.Name}:{key}", SHA256.HashData(blank.Input.Span));
        if (transaction is null && host.Engine is { } engine)
        {
            switch (await engine.Start(definition, blank, saga => row with { Saga = saga }).WaitAsync(cancellation))
            {
                case CommitResult.Committed:
                    return blank.Id;
                case CommitResult.Late late:
                    return Kept(definition, key, late.Kept, late.Same);
                case CommitResult.Rejected rejected:
                    throw new InvalidOperationException($"Saga {definition.Name} could not be started.", rejected.Cause);
            }
        }

        var (kept, same, fresh) = await store.RequestStart(row, StartRequest.Write(number, definition, blank), transaction, cancellation);
        if (!fresh)
        {
            return Kept(definition, key, kept, same);
        }

        if (transaction is null)
        {
            WakeOwner();
        }
        else
        {
            transaction.AfterCommit(WakeOwner);
        }

        return kept;
    }

    private Outcome<SagaRecord> Prepare<TInput>(SagaDefinition definition, string key, TInput input)
    {
        if (string.IsNullOrWhiteSpace(key) || key.Length > StartKeyLengthMax || key.Contains('\0', StringComparison.Ordinal))
        {
            return Fault.Invalid("key", key, $"1 to {StartKeyLengthMax} characters");
        }

        byte[] json;
        try
        {
            json = JsonSerializer.SerializeToUtf8Bytes(input, FuryJson.Options);
        }
        catch (Exception exception) when (exception is NotSupportedException or JsonException)
        {
            return Fault.Invalid($"The input of saga {definition.Name} cannot be written as JSON: {exception.Message}");
        }

        if (json.Length > InputBytesMax)
        {
            return Fault.Invalid($"The input of saga {definition.Name} has {json.Length} bytes as JSON; at most {InputBytesMax} are kept.");
        }

        var id = mint.Next();
        var concurrency = definition.Key?.Invoke(json) ?? id.ToString();
        if (concurrency.Length is 0 or > ConcurrencyKeyLengthMax || concurrency.Contains('\0', StringComparison.Ordinal))
        {
            return Fault.Invalid("concurrencyKey", concurrency, $"1 to {ConcurrencyKeyLengthMax} characters");
        }

        var now = host.Clock.Now;
        return new SagaRecord
        {
            Id = id,
            Shard = SagaToken.Shard(concurrency),
            Key = concurrency,
            Name = definition.Name,
            Version = definition.Version,
            StartedAt = now,
            Deadline = now + definition.Deadline,
            Input = json,
            State = SagaState.Running,
        };
    }

    private static Outcome<SagaId> Kept(SagaDefinition definition, string key, SagaId kept, bool same) => same
        ? kept
        : Fault.Conflict($"A {definition.Name} with the key '{key}' and another input was started before, as saga {kept}.")
            .With("sagaId", kept);

    private void WakeOwner()
    {
        host.Engine?.WakeInbox();
        if (host.Hosts > 1)
        {
            host.Notices.Inbox();
        }
    }

    private SagaView View(SagaRecord saga, DateTimeOffset? endedAt)
    {
        var definition = registry.Find(saga.Name, saga.Version);
        var known = definition is not null && saga.Step < definition.Steps.Count;
        return new SagaView(
            saga.Id,
            saga.Name,
            saga.Version,
            saga.Key,
            known || saga.IsFinal ? saga.State : SagaState.Parked,
            known ? definition!.Steps[saga.Step].Name : $"#{saga.Step}",
            saga.Attempt,
            saga.Fault,
            saga.StartedAt,
            endedAt,
            saga.Deadline,
            SagaCodec.Results(saga));
    }
}
