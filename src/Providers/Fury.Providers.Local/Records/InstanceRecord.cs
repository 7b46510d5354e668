using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Fury.Kernel;
using Fury.Providers.Contracts;

namespace Fury.Providers.Local;

/// <summary>What is wanted of an instance.</summary>
internal enum Wish
{
    Run,

    /// <summary>Its process is being stopped, or the host died while it was.</summary>
    Stop,

    /// <summary>It has stopped. Kept for a while, so that a late repeat of its creation does not bring it back.</summary>
    Stopped,
}

/// <summary>An instance as it is kept on disk, so that a restarted host finds everything as it was.</summary>
/// <param name="Pid">Of the process that was last started; null when none was, or when it was stopped together with the host.</param>
/// <param name="StopBy">When a process that is being stopped is killed.</param>
/// <param name="StoppedAt">When it was seen to have stopped.</param>
internal sealed record InstanceRecord(
    string Id,
    InstanceRequest Request,
    string Address,
    int Port,
    Wish Wish,
    int? Pid,
    int Restarts,
    DateTimeOffset? StopBy,
    DateTimeOffset? StoppedAt)
{
    /// <summary>The same for the same token in the same data folder, so a repeat of a creation finds the first one after any crash.</summary>
    /// <param name="number">Among those of the request, from 0.</param>
    public static string IdOf(string prefix, string clientToken, int number) => prefix + Hash(number == 0 ? clientToken : $"{clientToken}/{number}")[..20];

    /// <summary>The beginning of all ids of a data folder: hosts of one machine do not take each other's processes for their own.</summary>
    public static string PrefixOf(string dataFolder) => $"local-{Hash(dataFolder)[..8]}-";

    public bool IsOf(InstanceRequest request) =>
        JsonSerializer.Serialize(Request, FuryJson.Options) == JsonSerializer.Serialize(request, FuryJson.Options);

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
