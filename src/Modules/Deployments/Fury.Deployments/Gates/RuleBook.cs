using Dapper;
using Fury.Deployments.Approvals;
using Fury.Deployments.Freezes;
using Fury.Deployments.Pins;
using Fury.Deployments.Vetoes;
using Fury.Hosting;

namespace Fury.Deployments.Gates;

/// <summary>
/// The rules as this host knows them, in memory. It looks for a new revision each second, and at once when another host has written one.
/// </summary>
internal sealed class RuleBook(IDatabase database, TimeProvider clock) : IReconciler
{
    public const string ReconcilerName = "deployments-rules";

    private const string RevisionSql = "select revision from deployments.rules";

    // The revision is read first: what is written meanwhile makes the rest newer than it says, and is read once more.
    private const string LoadSql = $"""
        {RevisionSql};
        {FreezeStore.AllSql};
        {OverrideStore.LiveSql};
        {VetoStore.AllSql};
        {PinStore.AllSql};
        {ApprovalPolicyStore.AllSql}
        """;

    private readonly Lock _gate = new();
    private Rules? _rules;

    /// <summary>The rules have changed.</summary>
    public event Action? Changed;

    public string Name => ReconcilerName;

    public TimeSpan Period { get; } = TimeSpan.FromSeconds(1);

    public bool OncePerPlatform => false;

    /// <summary>From memory; a host that has just started reads them first.</summary>
    public async ValueTask<Rules> Current(CancellationToken cancellation)
    {
        if (Volatile.Read(ref _rules) is null)
        {
            await Refresh(cancellation);
        }

        return Volatile.Read(ref _rules)!;
    }

    public Task Pass(long fence, CancellationToken cancellation) => Refresh(cancellation);

    /// <summary>When it returns, the rules are at least as new as the call.</summary>
    public async Task Refresh(CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        var revision = await connection.ExecuteScalarAsync<long>(new CommandDefinition(RevisionSql, cancellationToken: cancellation));
        if (Volatile.Read(ref _rules)?.Revision >= revision)
        {
            return;
        }

        var now = clock.GetUtcNow().UtcDateTime;
        await using var read = await connection.QueryMultipleAsync(new CommandDefinition(LoadSql, new { now }, cancellationToken: cancellation));
        var rules = new Rules(
            await read.ReadSingleAsync<long>(),
            [.. (await read.ReadAsync<FreezeStore.Row>()).Select(row => row.ToFreeze())],
            [.. (await read.ReadAsync<OverrideStore.Row>()).Select(row => row.ToOverride())],
            (await read.ReadAsync<VetoStore.Row>()).Select(row => row.ToVeto()).ToDictionary(veto => (veto.Application, veto.Version)),
            (await read.ReadAsync<PinStore.Row>()).Select(row => row.ToPin()).ToDictionary(pin => pin.Scope),
            ApprovalPolicyStore.Read(await read.ReadAsync<ApprovalPolicyStore.Row>()));
        lock (_gate)
        {
            // Another read may have been faster and newer.
            if (_rules?.Revision >= rules.Revision)
            {
                return;
            }

            _rules = rules;
        }

        Changed?.Invoke();
    }
}
