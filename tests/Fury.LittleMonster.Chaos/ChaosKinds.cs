using System.Net.Sockets;
using Fury.Kernel;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Fury.LittleMonster.Chaos;

/// <summary>One saga that is asked for.</summary>
/// <param name="Id">Its start key, and in the input of every saga that is run for it: asked for again under the same one when the answer was lost.</param>
/// <param name="App">Its concurrency key, which a few others share.</param>
/// <param name="Kind">The name of its row in <see cref="ChaosKinds"/>.</param>
/// <param name="Part">For a child: which of its parent's parts it makes.</param>
internal sealed record ChaosOrder(string Id, string App, string Kind, string? Part = null)
{
    /// <summary>What the world calls the thing of a step.</summary>
    public string Thing(string step) => Part is null ? step : $"{Part}-{step}";
}

/// <summary>A kind of saga in the mix, and what must be true of each of them when all is over.</summary>
/// <param name="Share">How many of the mix are of this kind, in proportion to the others.</param>
/// <param name="Start">Starts it. Any host may be asked, any number of times.</param>
internal sealed record ChaosKind(
    string Name,
    int Share,
    Func<ILittleMonster, ChaosOrder, CancellationToken, Task<Outcome<SagaId>>> Start)
{
    /// <summary>The steps whose things live in the end. None, when it must be undone.</summary>
    public IReadOnlyList<string> Leaves { get; init; } = [];

    public SagaState Ends => Leaves.Count > 0 ? SagaState.Completed : SagaState.Compensated;

    /// <summary>Its things become ready some time after they were made; otherwise never.</summary>
    public bool GetsReady { get; init; } = true;

    /// <summary>
    /// What its caller asks of it a moment after it has started, until there is an answer. A conflict is one: a request whose own answer was
    /// lost has had its effect.
    /// </summary>
    public Func<ILittleMonster, SagaId, CancellationToken, Task<Outcome>>? Then { get; init; }

    /// <summary>How many sagas are run for an order, all told.</summary>
    public int Sagas { get; init; } = 1;
}

/// <summary>The mix. A new kind of saga is a class in <c>ChaosSagas</c> and a row here; hosts, world and checker need not know of it.</summary>
internal static class ChaosKinds
{
    public static IReadOnlyList<ChaosKind> All { get; } =
    [
        new("plain", 25, Of<PlainSaga>) { Leaves = ["one", "two", "three"] },
        new("launch", 25, Of<LaunchSaga>) { Leaves = ["create", "attach", "publish"] },
        new("cancelled", 8, Of<LaunchSaga>) { GetsReady = false, Then = (sagas, id, within) => sagas.Cancel(id, "chaos", within) },
        new("refused", 12, Of<RefusedSaga>),
        new("in-vain", 5, Of<InVainSaga>) { GetsReady = false },
        new("asleep", 5, Of<AsleepSaga>) { Leaves = ["create", "attach"] },
        new("signalled", 8, Of<SignalledSaga>)
        {
            Leaves = ["create", "attach"],
            Then = (sagas, id, within) => sagas.Signal(id, SignalledSaga.Signal, "now", within),
        },
        new("family", 8, Of<FamilySaga>) { Leaves = ["create", "left-part", "right-part", "attach"], Sagas = 3 },
        new("family-refused", 4, Of<FamilyRefusedSaga>) { Sagas = 3 },
    ];

    public static ChaosKind Get(string name) => All.First(kind => kind.Name == name);

    /// <summary>Null when there was no answer, so that nobody knows what became of it: ask again.</summary>
    public static async Task<Outcome<SagaId>?> Start(ILittleMonster sagas, ChaosOrder order, CancellationToken cancellation)
    {
        try
        {
            return await Get(order.Kind).Start(sagas, order, cancellation);
        }
        catch (Exception exception) when (IsAway(exception))
        {
            return null;
        }
    }

    /// <summary>The database is away for a moment, or the caller did not wait any longer.</summary>
    public static bool IsAway(Exception exception) => exception
        is NpgsqlException { IsTransient: true } or PostgresException { SqlState: "57P01" or "57P02" or "57P03" }
        or TimeoutException or IOException or SocketException or OperationCanceledException;

    /// <summary>The sagas of all kinds, acting on the world at the given address.</summary>
    public static IServiceCollection AddChaosSagas(this IServiceCollection services, Uri world) => services
        .AddSingleton(new WorldClient(world))
        .AddSaga<PlainSaga>()
        .AddSaga<LaunchSaga>()
        .AddSaga<RefusedSaga>()
        .AddSaga<InVainSaga>()
        .AddSaga<AsleepSaga>()
        .AddSaga<SignalledSaga>()
        .AddSaga<PartSaga>()
        .AddSaga<FamilySaga>()
        .AddSaga<FamilyRefusedSaga>();

    private static Task<Outcome<SagaId>> Of<TSaga>(ILittleMonster sagas, ChaosOrder order, CancellationToken cancellation)
        where TSaga : Saga<ChaosOrder> => sagas.Start<TSaga, ChaosOrder>(order.Id, order, cancellation);
}
