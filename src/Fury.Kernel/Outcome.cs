using System.Diagnostics.CodeAnalysis;

namespace Fury.Kernel;

/// <summary>What has no value but may be refused.</summary>
public readonly record struct Outcome
{
    private Outcome(Fault? fault) => Fault = fault;

    public static Outcome Ok { get; } = new(null);

    /// <summary>Null when it succeeded.</summary>
    public Fault? Fault { get; }

    [MemberNotNullWhen(false, nameof(Fault))]
    public bool IsOk => Fault is null;

    public static implicit operator Outcome(Fault fault) => new(fault);
}

/// <summary>A value, or the <see cref="Kernel.Fault"/> that says why there is none.</summary>
public readonly record struct Outcome<T>
{
    private readonly T? _value;

    private Outcome(T? value, Fault? fault) => (_value, Fault) = (value, fault);

    /// <summary>Null when there is a value.</summary>
    public Fault? Fault { get; }

    [MemberNotNullWhen(false, nameof(Fault))]
    public bool IsOk => Fault is null;

    /// <summary>The value. Asking for it on a fault is a bug of the caller and throws <see cref="InvalidOperationException"/>.</summary>
    public T Value => Fault is null ? _value! : throw new InvalidOperationException($"No value: {Fault}");

    public static implicit operator Outcome<T>(T value) => new(value, null);

    public static implicit operator Outcome<T>(Fault fault) => new(default, fault);

    public Outcome<TNext> Then<TNext>(Func<T, Outcome<TNext>> next) => IsOk ? next(Value) : Fault;

    public async Task<Outcome<TNext>> Then<TNext>(Func<T, Task<Outcome<TNext>>> next) => IsOk ? await next(Value) : Fault;
}
