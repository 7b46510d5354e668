using Fury.Kernel;

namespace Fury.ClusterApi.Kubernetes.Informers;

/// <summary>Where an informer reads from: a kind of object, listed page by page, and its changes from a version on.</summary>
internal interface IObjectSource<T>
    where T : class
{
    /// <param name="next">Of the page before; null for the first.</param>
    Task<Outcome<ObjectPage<T>>> List(string? next, CancellationToken cancellation);

    /// <summary>
    /// Changes after <paramref name="version"/>, until the server ends them. <see cref="ObjectChange{T}.Opened"/> comes first; what keeps them from
    /// going on comes last, as <see cref="ObjectChange{T}.Refused"/>; a cut throws <see cref="IOException"/>.
    /// </summary>
    IAsyncEnumerable<ObjectChange<T>> Watch(string version, CancellationToken cancellation);
}

internal sealed record ObjectPage<T>(IReadOnlyList<T> Items, string? Next, string Version)
    where T : class;

/// <summary>What a watch says. A closed list.</summary>
internal abstract record ObjectChange<T>
    where T : class
{
    private ObjectChange()
    {
    }

    public sealed record Opened : ObjectChange<T>;

    /// <summary>Added or modified; which of them does not matter to who keeps a state.</summary>
    public sealed record Written(T Item, string Version) : ObjectChange<T>;

    public sealed record Deleted(T Item, string Version) : ObjectChange<T>;

    /// <summary>Nothing has changed up to this version.</summary>
    public sealed record Bookmark(string Version) : ObjectChange<T>;

    public sealed record Refused(Fault Why) : ObjectChange<T>;
}
