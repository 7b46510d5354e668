namespace Fury.LittleMonster;

/// <summary>What every saga is; the registry holds them without their input type.</summary>
public abstract class Saga
{
    private protected Saga()
    {
    }

    internal abstract SagaDefinition Build();
}

/// <summary>
/// A change that spans several systems and is made whole or not at all: named steps, read top to bottom, each with a <c>Do</c> and mostly
/// an <c>Undo</c>. One instance of the class serves all sagas of its kind, so it holds no state of a single one; what it needs comes
/// through its constructor (singletons).
/// </summary>
/// <typeparam name="TInput">What a caller gives. Serialised as JSON once, at the start, and never changed.</typeparam>
public abstract class Saga<TInput> : Saga
    where TInput : notnull
{
    /// <summary>
    /// Called once, when the host starts. A definition that cannot be right throws <see cref="InvalidOperationException"/>.
    /// </summary>
    protected internal abstract void Define(SagaBuilder<TInput> saga);

    internal override SagaDefinition Build()
    {
        var builder = new SagaBuilder<TInput>(GetType());
        Define(builder);
        return builder.Build();
    }
}
