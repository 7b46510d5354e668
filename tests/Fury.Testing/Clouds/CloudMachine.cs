namespace Fury.Testing;

/// <summary>An instance of a fake cloud, for whoever plays what runs in it.</summary>
/// <param name="Id">As its own agent has it from the metadata server.</param>
/// <param name="Address">Its private address, on loopback and of no other instance.</param>
/// <param name="UserData">What it boots.</param>
/// <param name="IsUp">It has booted and runs.</param>
/// <param name="IsOver">Its end has begun, or is over.</param>
/// <param name="HasDied">It ended by itself and was not told to, as a machine dies.</param>
public sealed record CloudMachine(string Id, string Address, string UserData, bool IsUp, bool IsOver, bool HasDied);

/// <summary>A fake cloud whose instances can be given an inside.</summary>
public interface IMachines
{
    /// <summary>Every instance that was ever made, oldest first.</summary>
    IReadOnlyList<CloudMachine> Machines();
}
