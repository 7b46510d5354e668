using Fury.Kernel;

namespace Fury.Compute.Serverless.Upgrades;

/// <summary>Upgrades on record. Every member is atomic.</summary>
internal interface IUpgradeStore
{
    /// <summary>That have not ended.</summary>
    const int ActiveMax = 5;

    /// <summary>Those that have not ended, oldest first, whole.</summary>
    Task<IReadOnlyList<Upgrade>> Active(CancellationToken cancellation);

    Task<Outcome<Upgrade>> Find(Guid id, CancellationToken cancellation);

    /// <summary>The one of the name that comes of the same request; null when there is none.</summary>
    /// <param name="hash">Of the request.</param>
    Task<Upgrade?> Find(string name, string hash, CancellationToken cancellation);

    /// <summary>Newest first, without their targets.</summary>
    Task<IReadOnlyList<Upgrade>> List(Guid? before, int limit, CancellationToken cancellation);

    /// <summary>
    /// The same request under the same name returns the upgrade that is there; another request is a conflict, and so is a cluster that an upgrade has which has
    /// not ended. <see cref="FaultKind.Exhausted"/> at <see cref="ActiveMax"/>.
    /// </summary>
    /// <param name="hash">Of the request.</param>
    Task<Outcome<(Upgrade Upgrade, bool IsNew)>> Add(Upgrade upgrade, string hash, CancellationToken cancellation);

    /// <summary>Changes the upgrade as it is now; nobody else does meanwhile.</summary>
    Task<Outcome<Upgrade>> Change(Guid id, Func<Upgrade, Outcome<Upgrade>> change, CancellationToken cancellation);

    /// <summary>Shapes, by name, that upgrades have brought to the version.</summary>
    Task<IReadOnlyDictionary<string, IReadOnlyList<string>>> Proven(MinorVersion version, CancellationToken cancellation);
}
