using System.Text.Json.Nodes;

namespace Fury.LocalCluster;

/// <summary>
/// Deletes what nobody owns any more, sets free what is to be orphaned, and holds back an owner that waits for what it owns.
/// </summary>
internal sealed class GarbageCollector(Registry registry) : IController
{
    /// <summary>Uids of owners that are gone, or that wait for their dependents.</summary>
    private readonly HashSet<Guid> _owners = [];

    /// <summary>Objects that name owners, some of whom may have never been there.</summary>
    private readonly HashSet<Guid> _owned = [];

    public void Note(Change change)
    {
        var entry = change.Entry;
        if (change.Type == ChangeType.Deleted || entry.Deleting)
        {
            _owners.Add(entry.Uid);
        }

        if (change.Type == ChangeType.Deleted)
        {
            // An owner may have waited for it.
            _owners.UnionWith(entry.Owners);
        }
        else if (entry.Owners.Length > 0 && change.Type == ChangeType.Added)
        {
            _owned.Add(entry.Uid);
        }
    }

    public DateTimeOffset? Pass()
    {
        foreach (var uid in _owners)
        {
            if (registry.Store.Find(uid) is not { } owner)
            {
                foreach (var dependent in registry.Store.DependentsOf(uid))
                {
                    Collect(dependent);
                }
            }
            else if (owner.Deleting)
            {
                Hold(owner);
            }
        }

        _owners.Clear();
        foreach (var entry in _owned.Select(registry.Store.Find).OfType<Entry>().Where(entry => !entry.Owners.Any(IsThere)))
        {
            Collect(entry);
        }

        _owned.Clear();
        return null;
    }

    private bool IsThere(Guid uid) => registry.Store.Find(uid) is not null;

    /// <summary>Deletes it when none of its owners is left, else takes the names of those that are gone off it.</summary>
    private void Collect(Entry dependent)
    {
        if (dependent.Owners.Any(IsThere))
        {
            registry.Edit(dependent, Writer.Cluster, value => Release(value, uid => !IsThere(uid)));
        }
        else if (!dependent.Deleting)
        {
            Delete(dependent, DeleteOptions.Graceful);
        }
    }

    private void Hold(Entry owner)
    {
        var finalizers = (owner.Read().Array("metadata", "finalizers") ?? []).Select(name => name.Text()).ToList();
        var dependents = registry.Store.DependentsOf(owner.Uid);
        if (finalizers.Contains(Deletion.OrphanFinalizer))
        {
            foreach (var dependent in dependents)
            {
                registry.Edit(dependent, Writer.Cluster, value => Release(value, uid => uid == owner.Uid));
            }

            registry.Edit(owner, Writer.Cluster, value => Without(value, Deletion.OrphanFinalizer));
        }
        else if (finalizers.Contains(Deletion.ForegroundFinalizer))
        {
            foreach (var dependent in dependents.Where(dependent => !dependent.Deleting))
            {
                Delete(dependent, DeleteOptions.Graceful with { Propagation = "Foreground" });
            }

            if (!registry.Store.DependentsOf(owner.Uid).Any(dependent => Blocks(dependent, owner.Uid)))
            {
                registry.Edit(owner, Writer.Cluster, value => Without(value, Deletion.ForegroundFinalizer));
            }
        }
    }

    private void Delete(Entry entry, DeleteOptions options)
    {
        try
        {
            registry.Delete(entry.Kind, entry.Namespace, entry.Name, options with { Uid = entry.Uid.ToString() });
        }
        catch (Refusal)
        {
            // Gone by itself, or another one of the same name.
        }
    }

    private static bool Blocks(Entry dependent, Guid owner) =>
        (dependent.Read().Array("metadata", "ownerReferences") ?? [])
        .Any(reference => reference.Text("uid") == owner.ToString() && reference.Flag("blockOwnerDeletion") == true);

    private static void Release(JsonObject value, Func<Guid, bool> from)
    {
        var metadata = value.Object("metadata")!;
        metadata.SetList("ownerReferences", [.. (metadata.Array("ownerReferences") ?? [])
            .Where(reference => !(Guid.TryParse(reference.Text("uid"), out var uid) && from(uid)))
            .Select(reference => reference?.DeepClone())]);
    }

    private static void Without(JsonObject value, string finalizer)
    {
        var metadata = value.Object("metadata")!;
        metadata.SetList(
            "finalizers", [.. (metadata.Array("finalizers") ?? []).Where(name => name.Text() != finalizer).Select(name => name?.DeepClone())]);
    }
}
