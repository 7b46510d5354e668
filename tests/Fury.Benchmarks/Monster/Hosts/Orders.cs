using System.Text.Json;
using System.Text.Json.Serialization;

namespace Fury.Benchmarks.Monster;

/// <summary>What a host process is told to do: one line of JSON on its standard input, answered by one on its standard output.</summary>
[JsonPolymorphic]
[JsonDerivedType(typeof(Run), "run")]
[JsonDerivedType(typeof(Wait), "wait")]
[JsonDerivedType(typeof(Mark), "mark")]
[JsonDerivedType(typeof(Look), "look")]
[JsonDerivedType(typeof(Tell), "tell")]
[JsonDerivedType(typeof(Open), "open")]
internal abstract record Order
{
    /// <summary>Five-step sagas in a closed loop, <paramref name="InFlight"/> at a time, for a time or to a count, whichever ends first.</summary>
    /// <param name="First">Number of the first one.</param>
    public sealed record Run(string Name, int InFlight, double SecondsMax, int CountMax = int.MaxValue, int First = 0) : Order;

    /// <summary>Starts sagas that wait. Answered when all starts are durable.</summary>
    /// <param name="First">Number of the first one.</param>
    public sealed record Wait(string Name, WaitingKind Kind, int Count, int First = 0) : Order;

    /// <summary>Forgets who has asked.</summary>
    public sealed record Mark : Order;

    /// <summary>Answered by <see cref="Looked"/>; with a full collection first when asked for.</summary>
    public sealed record Look(bool Collect = false) : Order;

    /// <summary>Answered by the time of the first question of each saga since the mark.</summary>
    public sealed record Tell : Order;

    /// <summary>Polls are ready from here on.</summary>
    public sealed record Open : Order;

    public string ToLine() => JsonSerializer.Serialize(this);

    public static Order Of(string line) => JsonSerializer.Deserialize<Order>(line)!;
}

/// <summary>What a closed loop has done. The time is up to the end of the last saga.</summary>
internal sealed record Finished(int Count, double Seconds, double P50Ms, double P99Ms)
{
    public double PerSecond => Count / Seconds;
}

/// <param name="Asked">Questions of polls since the mark.</param>
/// <param name="Askers">Different sagas that asked.</param>
/// <param name="ManagedMegabytes">Of objects.</param>
internal sealed record Looked(long Asked, int Askers, double ManagedMegabytes);

internal sealed record Done;
