using Fury.Kernel;
using Fury.Providers.Contracts;

namespace Fury.Providers.Clouds;

/// <summary>
/// The wire of one cloud: what <see cref="CloudInstances"/> needs of it. Each call is of one region; ids and tags are the cloud's own names for them.
/// Faults are typed as <see cref="IInstanceProvider"/> says. No cloud knows where the application of an instance listens, so ports are 0 here. Every member is
/// a call that the cloud paces and repeats by <see cref="CloudCalls"/>.
/// </summary>
internal interface ICloud
{
    /// <summary>The first part of a location, e.g. <c>aws</c>.</summary>
    string Name { get; }

    IReadOnlyList<string> Regions { get; }

    /// <inheritdoc cref="IInstanceProvider.Settling"/>
    TimeSpan Settling { get; }

    /// <summary>Ids that <see cref="Describe"/> and <see cref="Terminate"/> take at once.</summary>
    int IdsMax { get; }

    /// <inheritdoc cref="IInstanceProvider.Create"/>
    /// <param name="request">Checked: its region and zone exist, and its type is <paramref name="type"/>.</param>
    /// <param name="userData">What the instance runs when it boots, the same for the same request.</param>
    Task<Outcome<IReadOnlyList<ProviderInstance>>> Run(InstanceRequest request, InstanceType type, string userData, CancellationToken cancellation);

    /// <summary>Those that exist, each once; one that is missing fails nothing.</summary>
    Task<Outcome<IReadOnlyList<ProviderInstance>>> Describe(string region, IReadOnlyList<string> ids, CancellationToken cancellation);

    /// <summary>
    /// Begins to end each of them that can be, whatever the others. One that is gone, or was never there, is a success; where the cloud cannot tell that
    /// from one that has just been made, the answer is <see cref="FaultKind.NotFound"/> once the others are ended.
    /// </summary>
    Task<Outcome> Terminate(string region, IReadOnlyList<string> ids, CancellationToken cancellation);

    /// <summary>Every instance of the region that carries the tag, over all pages.</summary>
    Task<Outcome<IReadOnlyList<ProviderInstance>>> List(string region, string tag, string value, CancellationToken cancellation);

    /// <summary>In any order.</summary>
    Task<Outcome<IReadOnlyList<InstanceType>>> Types(string region, CancellationToken cancellation);
}
