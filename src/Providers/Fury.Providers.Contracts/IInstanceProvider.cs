using Fury.Kernel;

namespace Fury.Providers.Contracts;

/// <summary>
/// What a cloud must offer for instances. One implementation per cloud; each passes <c>InstanceProviderContract</c>. Errors are typed:
/// <see cref="FaultKind.Exhausted"/> (quota or no capacity), <see cref="FaultKind.Throttled"/>, <see cref="FaultKind.Forbidden"/> and
/// <see cref="FaultKind.Unauthenticated"/> (credentials), <see cref="FaultKind.NotFound"/>, <see cref="FaultKind.Unavailable"/>
/// (transient: ask again), <see cref="FaultKind.Invalid"/> (will never work).
/// </summary>
public interface IInstanceProvider
{
    /// <summary>The first part of a location, e.g. <c>local</c>, <c>aws</c>.</summary>
    string Name { get; }

    /// <summary>Regions in which instances can be asked for.</summary>
    IReadOnlyList<string> Regions { get; }

    /// <summary>
    /// Asks for an instance. The same client token again returns the instance of the first call, also after a crash of the caller at any
    /// point; another request under a known token is a conflict.
    /// </summary>
    Task<Outcome<ProviderInstance>> Create(InstanceRequest request, CancellationToken cancellation);

    /// <summary>The instances among <paramref name="ids"/> that exist, in one batch; an id that is missing from the answer is gone.</summary>
    Task<Outcome<IReadOnlyList<ProviderInstance>>> Describe(IReadOnlyCollection<string> ids, CancellationToken cancellation);

    /// <summary>
    /// Begins to stop the instance: its process is asked to end, and ended by force after <paramref name="grace"/>. Returns at once; one
    /// that is stopping or gone is a success.
    /// </summary>
    Task<Outcome> Terminate(string id, TimeSpan grace, CancellationToken cancellation);

    /// <summary>
    /// What the processes of these instances use now, of any number at once. What is not known is left out, and so is an instance that cannot be seen
    /// from here.
    /// </summary>
    Task<Outcome<IReadOnlyList<InstanceUsage>>> Usage(IReadOnlyCollection<string> ids, CancellationToken cancellation);

    /// <summary>Every instance that carries the tag, whatever its state, for the sweep of orphans.</summary>
    Task<Outcome<IReadOnlyList<ProviderInstance>>> ListByTag(string tag, string value, CancellationToken cancellation);

    /// <summary>What can be had, cheapest first.</summary>
    Task<Outcome<IReadOnlyList<InstanceType>>> Types(string region, CancellationToken cancellation);

    /// <summary>The last lines that the instance wrote, then, with <paramref name="follow"/>, new ones as they come.</summary>
    IAsyncEnumerable<InstanceLogLine> Logs(string id, int tail, bool follow, CancellationToken cancellation);

    /// <summary>
    /// Ids of instances whose state has changed, as a hint to look again: lost hints cost time, never correctness. A provider that cannot
    /// push yields nothing.
    /// </summary>
    IAsyncEnumerable<string> Changes(CancellationToken cancellation);
}

/// <summary>What is asked for.</summary>
/// <param name="ClientToken">Stable over all attempts of the same wish.</param>
/// <param name="Region">One of <see cref="IInstanceProvider.Regions"/>.</param>
/// <param name="ArtifactUri">A folder that holds <paramref name="Command"/>.</param>
/// <param name="Environment">Of the process, besides <c>PORT</c>, which the provider sets.</param>
/// <param name="Tags">Kept with the instance; searched by <see cref="IInstanceProvider.ListByTag"/>.</param>
public sealed record InstanceRequest(
    string ClientToken,
    string Region,
    string ArtifactUri,
    string Command,
    IReadOnlyList<string> Arguments,
    IReadOnlyDictionary<string, string> Environment,
    int CpuMillis,
    int MemoryMiB,
    IReadOnlyDictionary<string, string> Tags);

/// <summary>The life of an instance as its provider tells it.</summary>
public enum ProviderInstanceState
{
    Pending,
    Running,

    /// <summary>Its process has ended by itself; the provider starts it again after a pause that grows.</summary>
    Crashed,
    Stopping,
    Stopped,
}

/// <summary>An instance as its provider tells it.</summary>
/// <param name="Id">The provider's own name for it.</param>
/// <param name="Address">Its own routable IP address; null while it has none.</param>
/// <param name="Port">Where its process listens.</param>
/// <param name="Restarts">How often its process ended by itself and was started again.</param>
/// <param name="Reason">Why it is not running, in one sentence.</param>
public sealed record ProviderInstance(
    string Id,
    string ClientToken,
    ProviderInstanceState State,
    string? Address,
    int Port,
    int Restarts,
    string? Reason,
    IReadOnlyDictionary<string, string> Tags);

/// <summary>What an instance uses of its machine, its process with all of its children.</summary>
/// <param name="CpuSeconds">Since its process began; a process that was started again begins anew.</param>
/// <param name="MemoryBytes">Resident now. What processes share counts for each.</param>
/// <param name="OutOfMemoryKills">How often its process was ended for want of memory; 0 where the provider does not tell.</param>
public sealed record InstanceUsage(string Id, double CpuSeconds, long MemoryBytes, int OutOfMemoryKills);

/// <summary>A size that can be had.</summary>
/// <param name="DollarsPerHour">On demand; 0 for one's own machine.</param>
public sealed record InstanceType(string Name, int CpuMillis, int MemoryMiB, decimal DollarsPerHour);

/// <summary>A line that an instance wrote.</summary>
/// <param name="At">When it was captured; null when the capture holds no time.</param>
public sealed record InstanceLogLine(string InstanceId, DateTimeOffset? At, string Text);
