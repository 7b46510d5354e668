using Fury.Kernel;

namespace Fury.Providers.Contracts;

/// <summary>
/// What a cloud must offer for instances. One implementation per cloud; each passes <c>InstanceProviderContract</c>. Errors are typed:
/// <see cref="FaultKind.Exhausted"/> (quota or no capacity, told apart by the fact <see cref="Limits.Fact"/>), <see cref="FaultKind.Throttled"/>,
/// <see cref="FaultKind.Forbidden"/> and <see cref="FaultKind.Unauthenticated"/> (credentials), <see cref="FaultKind.NotFound"/>,
/// <see cref="FaultKind.Unavailable"/> (transient: ask again), <see cref="FaultKind.Invalid"/> (will never work).
/// </summary>
public interface IInstanceProvider
{
    /// <summary>The first part of a location, e.g. <c>local</c>, <c>aws</c>.</summary>
    string Name { get; }

    /// <summary>Regions in which instances can be asked for.</summary>
    IReadOnlyList<string> Regions { get; }

    /// <summary>True where any host sees and ends any instance, as in a cloud; false where only the host that asked for it does.</summary>
    bool IsShared { get; }

    /// <summary>
    /// How long after its creation an instance may still be missing from <see cref="Describe"/> and <see cref="ListByTag"/>, and be called not found:
    /// only after it is one that is missing gone.
    /// </summary>
    TimeSpan Settling { get; }

    /// <summary>
    /// Asks for <see cref="InstanceRequest.Count"/> instances in one go. Gives at least one of them, fewer when there is no room for all, and a fault when
    /// for none. The same client token again gives the instances of the first call, whatever has become of them since and at times with more of those that
    /// were asked for, also after a crash of the caller at any point; another request under a known token is a conflict. That one was given says no more
    /// than that it was asked for: it may still fail, see <see cref="ProviderInstance.Failure"/>.
    /// </summary>
    Task<Outcome<IReadOnlyList<ProviderInstance>>> Create(InstanceRequest request, CancellationToken cancellation);

    /// <summary>The instances among <paramref name="ids"/> that exist, of any number at once; see <see cref="Settling"/> for those that are missing.</summary>
    Task<Outcome<IReadOnlyList<ProviderInstance>>> Describe(IReadOnlyCollection<string> ids, CancellationToken cancellation);

    /// <summary>
    /// Begins to stop the instance: its process is asked to end, and ended by force after <paramref name="grace"/>. Returns at once; one
    /// that is stopping or gone is a success.
    /// </summary>
    Task<Outcome> Terminate(string id, TimeSpan grace, CancellationToken cancellation);

    /// <summary>
    /// What the processes of these instances use now, of any number at once. What is not known is left out, and so is an instance that cannot be seen
    /// from here. Asked of a provider that is not shared; in the instances of one that is, agents tell it.
    /// </summary>
    Task<Outcome<IReadOnlyList<InstanceUsage>>> Usage(IReadOnlyCollection<string> ids, CancellationToken cancellation);

    /// <summary>Every instance that carries the tag, whatever its state, for the sweep of orphans.</summary>
    Task<Outcome<IReadOnlyList<ProviderInstance>>> ListByTag(string tag, string value, CancellationToken cancellation);

    /// <summary>What can be had, cheapest first; those whose price is not told come last, smallest first.</summary>
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
/// <param name="ClientToken">Stable over all attempts of the same wish; 1 to 64 letters, digits and hyphens.</param>
/// <param name="Region">One of <see cref="IInstanceProvider.Regions"/>.</param>
/// <param name="ArtifactUri">Where the artifact is that holds <paramref name="Command"/>; a folder for a provider that is not shared.</param>
/// <param name="Environment">Of the process, besides <c>PORT</c>, which the provider sets.</param>
/// <param name="CpuMillis">What an instance must have at least.</param>
/// <param name="MemoryMiB">Likewise.</param>
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
    IReadOnlyDictionary<string, string> Tags)
{
    /// <summary>How many, all alike: 1 to 100.</summary>
    public int Count { get; init; } = 1;

    /// <summary>Of the artifact's content, <c>sha256:</c> and 64 hex digits; what differs from it is never started. Empty where nothing is fetched.</summary>
    public string ArtifactDigest { get; init; } = "";

    /// <summary>The zone of the region; null: the provider's choice.</summary>
    public string? Zone { get; init; }

    /// <summary>One of <see cref="IInstanceProvider.Types"/>; null: the cheapest that has what is asked for.</summary>
    public string? Type { get; init; }

    /// <summary>What the artifact runs on; none: on any. The type must be of one of them.</summary>
    public IReadOnlyList<Architecture> Architectures { get; init; } = [];

    public Market Market { get; init; }

    /// <summary>Answers 2xx once the process can serve, asked from inside of the instance; null: it is not asked.</summary>
    public string? HealthPath { get; init; }
}

/// <summary>How an instance is paid for, and whether it may be taken away.</summary>
public enum Market
{
    OnDemand,

    /// <summary>Cheaper, and its provider may take it back after a notice.</summary>
    Spot,
}

/// <summary>What <see cref="FaultKind.Exhausted"/> ran out of.</summary>
public static class Limits
{
    /// <summary>The fact of the fault, one of the two below.</summary>
    public const string Fact = "limit";

    /// <summary>The provider has none left of this type, in this zone and market; others may be there.</summary>
    public const string Capacity = "capacity";

    /// <summary>The account may not have more in this region.</summary>
    public const string Quota = "quota";
}

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
    IReadOnlyDictionary<string, string> Tags)
{
    /// <summary>Where the provider tells; null where there are no zones.</summary>
    public string? Zone { get; init; }

    /// <summary>One of <see cref="IInstanceProvider.Types"/>; null where there is no choice.</summary>
    public string? Type { get; init; }

    public Market Market { get; init; }

    /// <summary>
    /// Of one that is stopping or has stopped and was not told to: why, typed as a refused creation would be. A spot instance that was taken back is
    /// <see cref="FaultKind.Exhausted"/> of <see cref="Limits.Capacity"/>.
    /// </summary>
    public Fault? Failure { get; init; }
}

/// <summary>What an instance uses of its machine, its process with all of its children.</summary>
/// <param name="CpuSeconds">Since its process began; a process that was started again begins anew.</param>
/// <param name="MemoryBytes">Resident now. What processes share counts for each.</param>
/// <param name="OutOfMemoryKills">How often its process was ended for want of memory; 0 where the provider does not tell.</param>
public sealed record InstanceUsage(string Id, double CpuSeconds, long MemoryBytes, int OutOfMemoryKills);

/// <summary>A size that can be had.</summary>
/// <param name="DollarsPerHour">On demand; 0 for one's own machine, null where the provider does not tell.</param>
public sealed record InstanceType(string Name, int CpuMillis, int MemoryMiB, decimal? DollarsPerHour)
{
    public Architecture Architecture { get; init; }

    /// <summary>Zones of the region that offer it, by name; none where there are no zones.</summary>
    public IReadOnlyList<string> Zones { get; init; } = [];

    /// <summary>The lowest of its zones now; null where it cannot be had so, or the provider does not tell.</summary>
    public decimal? SpotDollarsPerHour { get; init; }

    public bool HasSpot { get; init; }
}

/// <summary>A line that an instance wrote.</summary>
/// <param name="At">When it was captured; null when the capture holds no time.</param>
public sealed record InstanceLogLine(string InstanceId, DateTimeOffset? At, string Text);
