using System.Text.Json;
using System.Text.RegularExpressions;
using Fury.Kernel;

namespace Fury.LittleMonster;

/// <summary>
/// Writes down what a saga is. The order of the calls that add a step (<c>Step</c>, <c>Poll</c>, <c>Sleep</c>, <c>Signal</c>, <c>Child</c>,
/// <c>FanOut</c>) and of <c>Pivot</c> is the order in which it runs.
/// </summary>
public sealed partial class SagaBuilder<TInput>
    where TInput : notnull
{
    /// <summary>Steps of one saga.</summary>
    public const int StepsMax = 100;

    private readonly Type _type;
    private readonly List<StepDefinition> _steps = [];
    private readonly Dictionary<int, Func<SagaShape, SagaShape>> _upgrades = [];
    private string? _name;
    private string? _output;
    private int _version = 1;
    private Func<ReadOnlyMemory<byte>, string>? _key;
    private Func<ReadOnlyMemory<byte>, SagaPriority>? _priority;
    private TimeSpan? _deadline;
    private int? _pivot;

    internal SagaBuilder(Type type) => _type = type;

    /// <summary>
    /// The permanent name, e.g. <c>standard.launch-lot</c>: lower-case letters, digits, dots and hyphens, at most 80.
    /// </summary>
    public SagaBuilder<TInput> Name(string name)
    {
        _name = Checked(name);
        return this;
    }

    /// <summary>
    /// 1 to 32767. Raise it when steps are added, removed, renamed or reordered: live sagas keep the version they began with, unless
    /// <see cref="Upgrade"/> says how they become one of this version.
    /// </summary>
    public SagaBuilder<TInput> Version(int version)
    {
        Require(version is >= 1 and <= short.MaxValue, $"has version {version}; it must be 1 to {short.MaxValue}");
        _version = version;
        return this;
    }

    /// <summary>
    /// The concurrency key: sagas of the same key, whatever their kind, run one after the other. Without one, each runs by itself.
    /// </summary>
    public SagaBuilder<TInput> Key(Func<TInput, string> key)
    {
        _key = input => key(Read(input));
        return this;
    }

    /// <summary>How long the saga may take forward, waiting included. Past it, it is undone (after the pivot: stuck). Required.</summary>
    public SagaBuilder<TInput> Deadline(TimeSpan deadline)
    {
        Require(deadline > TimeSpan.Zero, "needs a deadline above zero");
        _deadline = deadline;
        return this;
    }

    /// <summary>Whose steps go first when more are ready than may run. <see cref="SagaPriority.Normal"/> when not said.</summary>
    public SagaBuilder<TInput> Priority(Func<TInput, SagaPriority> priority)
    {
        _priority = input => priority(Read(input));
        return this;
    }

    /// <summary>Which step's result the saga gives to a parent that started it by <c>Child</c> or <c>FanOut</c>.</summary>
    public SagaBuilder<TInput> Output<TResult>(StepRef<TResult> step)
    {
        _output = step.Name;
        return this;
    }

    /// <summary>
    /// Takes over live sagas of version <paramref name="from"/> when a host takes them in hand; without it they finish on the class of that
    /// version, or are parked where it is not registered. What <paramref name="map"/> throws parks the saga.
    /// </summary>
    /// <param name="map">Pure: run again after a crash. Must give back a step of this version.</param>
    public SagaBuilder<TInput> Upgrade(int from, Func<SagaShape, SagaShape> map)
    {
        Require(_upgrades.TryAdd(from, map), $"has two upgrades from version {from}");
        return this;
    }

    /// <summary>The point of no return: from here the saga is only finished, never undone, and can no longer be cancelled.</summary>
    public SagaBuilder<TInput> Pivot()
    {
        Require(_pivot is null, "has two pivots");
        _pivot = _steps.Count;
        return this;
    }

    internal SagaDefinition Build()
    {
        Require(_name is not null, "has no name");
        Require(_deadline is not null, "has no deadline");
        Require(_steps.Count is > 0 and <= StepsMax, $"has {_steps.Count} steps; it must be 1 to {StepsMax}");
        Require(_upgrades.Keys.All(from => from >= 1 && from < _version), $"upgrades from a version that is not older than {_version}");
        return new SagaDefinition
        {
            Type = _type,
            Name = _name!,
            Version = _version,
            Deadline = _deadline!.Value,
            Key = _key,
            Priority = _priority,
            Steps = _steps,
            Pivot = _pivot ?? int.MaxValue,
            Output = _output,
            Upgrades = _upgrades,
        };
    }

    private static TInput Read(ReadOnlyMemory<byte> input) => JsonSerializer.Deserialize<TInput>(input.Span, FuryJson.Options)!;

    private static ReadOnlyMemory<byte> Write<T>(T value) => JsonSerializer.SerializeToUtf8Bytes(value, FuryJson.Options);

    [GeneratedRegex(@"^[a-z][a-z0-9.-]{0,79}\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex NamePattern();

    private StepRef<TResult> Add<TResult>(StepDefinition step)
    {
        Checked(step.Name);
        Require(_steps.TrueForAll(other => other.Name != step.Name), $"has two steps named '{step.Name}'");
        Require(step.Deadline is null || step.Deadline > TimeSpan.Zero, $"has a step '{step.Name}' whose deadline is not above zero");
        _steps.Add(step with { Index = _steps.Count, ResultType = typeof(TResult) });
        return new StepRef<TResult>(step.Name);
    }

    private string Checked(string name)
    {
        Require(NamePattern().IsMatch(name), $"uses the name '{name}'; names are lower-case letters, digits, dots and hyphens, at most 80");
        return name;
    }

    private void Require(bool right, string what)
    {
        if (!right)
        {
            throw new InvalidOperationException($"Saga {_type.Name} {what}.");
        }
    }
}
