using System.Text.Json;
using Fury.Kernel;

namespace Fury.LittleMonster;

/// <summary>What a step is about to make at a provider.</summary>
/// <param name="Provider">E.g. <c>local</c>, <c>aws</c>.</param>
/// <param name="Region">The provider's region.</param>
/// <param name="Kind">E.g. <c>instance</c>.</param>
public sealed record LedgerEntry(string Provider, string Region, string Kind);

/// <summary>Which turn a saga's steps get when more are ready than may run. Nothing starves: each rank is a head start of some seconds.</summary>
public enum SagaPriority
{
    Normal,
    High,
    Low,
}

/// <summary>A saga's definition, untyped: what the engine decides on.</summary>
internal sealed record SagaDefinition
{
    public required Type Type { get; init; }

    public required string Name { get; init; }

    public required int Version { get; init; }

    public required TimeSpan Deadline { get; init; }

    public required Func<ReadOnlyMemory<byte>, string>? Key { get; init; }

    public Func<ReadOnlyMemory<byte>, SagaPriority>? Priority { get; init; }

    public required IReadOnlyList<StepDefinition> Steps { get; init; }

    /// <summary>The index of the first step behind the pivot.</summary>
    public required int Pivot { get; init; }

    /// <summary>The step whose result a parent is given.</summary>
    public string? Output { get; init; }

    /// <summary>How sagas of older versions become sagas of this one, by their version.</summary>
    public IReadOnlyDictionary<int, Func<SagaShape, SagaShape>> Upgrades { get; init; } = new Dictionary<int, Func<SagaShape, SagaShape>>();

    public bool HasPivot => Pivot < Steps.Count;

    public int? IndexOf(string step)
    {
        for (var index = 0; index < Steps.Count; index++)
        {
            if (Steps[index].Name == step)
            {
                return index;
            }
        }

        return null;
    }
}

/// <summary>What a step waits for, if for anything.</summary>
internal enum StepKind
{
    /// <summary>Nothing: it is called.</summary>
    Call,

    /// <summary>Until its question is answered with "ready".</summary>
    Poll,

    /// <summary>Until its time has come.</summary>
    Sleep,

    /// <summary>Until somebody sends the signal of its name.</summary>
    Signal,
}

internal sealed record StepDefinition
{
    public int Index { get; init; }

    public required string Name { get; init; }

    public StepKind Kind { get; init; }

    public required Effect Effect { get; init; }

    public Retry Retry { get; init; } = Retry.None;

    public Retry UndoRetry { get; init; } = Retry.None;

    /// <summary>From the moment the step is reached. Of a sleep there is none: its end is <see cref="Sleep"/>.</summary>
    public TimeSpan? Deadline { get; init; }

    public Type ResultType { get; init; } = typeof(Nothing);

    public PollPace? Pace { get; init; }

    public bool IsPoll => Kind is StepKind.Poll;

    /// <summary>Null for steps that only wait.</summary>
    public Func<StepCall, Task<StepAnswer>>? Do { get; init; }

    public Func<StepCall, Task<Outcome>>? Undo { get; init; }

    /// <summary>Set on polls that ask together with others; such a poll has no <see cref="Do"/>.</summary>
    public BatchQuestion? Batch { get; init; }

    public Func<ReadOnlyMemory<byte>, LedgerEntry>? Ledger { get; init; }

    public Func<ReadOnlyMemory<byte>, TimeSpan>? Sleep { get; init; }

    /// <summary>The target whose rate limit its calls count against.</summary>
    public Func<ReadOnlyMemory<byte>, string>? Limit { get; init; }

    /// <summary>The class of the sagas that the step starts and waits for.</summary>
    public Type? Child { get; init; }

    /// <summary>What a result that a person gives must be, as a phrase; null when this one is right.</summary>
    public string? Misfit(JsonElement? result)
    {
        if (result is not { } given)
        {
            return ResultType == typeof(Nothing) ? null : $"the result of step '{Name}' as JSON, a {ResultType.Name}";
        }

        if (ResultType == typeof(Nothing))
        {
            return $"left out: step '{Name}' has no result";
        }

        try
        {
            return JsonSerializer.SerializeToUtf8Bytes(given).Length > StepRunner.ResultBytesMax
                ? $"at most {StepRunner.ResultBytesMax} bytes as JSON"
                : given.Deserialize(ResultType, FuryJson.Options) is null ? $"a {ResultType.Name}" : null;
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException or ArgumentException)
        {
            return $"a {ResultType.Name} as JSON ({exception.Message})";
        }
    }
}

/// <summary>How often a poll asks: every <paramref name="Every"/> at first, then in growing pauses of at most <paramref name="EveryMax"/>.</summary>
internal sealed record PollPace(TimeSpan Every, TimeSpan EveryMax)
{
    /// <param name="asked">How often it was asked so far, from 1.</param>
    /// <param name="chance">From 0 to 1: 90 % to 110 %, so that sagas started together do not ask together for ever.</param>
    public TimeSpan Pause(int asked, double chance)
    {
        var bound = Math.Min(EveryMax.Ticks, Every.Ticks * Math.Pow(2, Math.Min(asked - 1, 40)));
        return TimeSpan.FromTicks((long)(bound * (0.9 + (chance * 0.2))));
    }
}

/// <summary>What a run of a step answered: a result, a fault, or (polls) not yet.</summary>
internal readonly record struct StepAnswer
{
    public ReadOnlyMemory<byte> Result { get; init; }

    public Fault? Fault { get; init; }

    public PollNotYet? NotYet { get; init; }
}
