using System.Text.Json.Serialization;

namespace Fury.Kernel;

/// <summary>An id that knows what it names: a UUIDv7 (RFC 9562), so ids sort by the time they were made.</summary>
public interface IId<TSelf>
    where TSelf : struct, IId<TSelf>
{
    Guid Value { get; }

    static abstract TSelf From(Guid value);
}

/// <summary>One release at one location; see <c>docs/vocabulary.md</c>.</summary>
[JsonConverter(typeof(IdJson<PoolId>))]
public readonly record struct PoolId(Guid Value) : IId<PoolId>
{
    public static PoolId From(Guid value) => new(value);

    public static PoolId New(TimeProvider clock) => new(Guid.CreateVersion7(clock.GetUtcNow()));

    /// <summary>Makes MVC take it from routes and queries.</summary>
    public static bool TryParse(string? text, out PoolId id) => Ids.TryParse(text, out id);

    public override string ToString() => Value.ToString();
}

/// <summary>One move of a scope from its current release to a candidate.</summary>
[JsonConverter(typeof(IdJson<DeploymentId>))]
public readonly record struct DeploymentId(Guid Value) : IId<DeploymentId>
{
    public static DeploymentId From(Guid value) => new(value);

    public static DeploymentId New(TimeProvider clock) => new(Guid.CreateVersion7(clock.GetUtcNow()));

    /// <summary>Makes MVC take it from routes and queries.</summary>
    public static bool TryParse(string? text, out DeploymentId id) => Ids.TryParse(text, out id);

    public override string ToString() => Value.ToString();
}

/// <summary>One instance (or pod) of a pool.</summary>
[JsonConverter(typeof(IdJson<InstanceId>))]
public readonly record struct InstanceId(Guid Value) : IId<InstanceId>
{
    public static InstanceId From(Guid value) => new(value);

    public static InstanceId New(TimeProvider clock) => new(Guid.CreateVersion7(clock.GetUtcNow()));

    /// <summary>Makes MVC take it from routes and queries.</summary>
    public static bool TryParse(string? text, out InstanceId id) => Ids.TryParse(text, out id);

    public override string ToString() => Value.ToString();
}

/// <summary>One run of a job to its end.</summary>
[JsonConverter(typeof(IdJson<RunId>))]
public readonly record struct RunId(Guid Value) : IId<RunId>
{
    public static RunId From(Guid value) => new(value);

    public static RunId New(TimeProvider clock) => new(Guid.CreateVersion7(clock.GetUtcNow()));

    /// <summary>Makes MVC take it from routes and queries.</summary>
    public static bool TryParse(string? text, out RunId id) => Ids.TryParse(text, out id);

    public override string ToString() => Value.ToString();
}

internal static class Ids
{
    public static bool TryParse<T>(string? text, out T id)
        where T : struct, IId<T>
    {
        var ok = Guid.TryParse(text, out var value);
        id = T.From(value);
        return ok;
    }
}
