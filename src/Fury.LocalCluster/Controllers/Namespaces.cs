using System.Text.Json.Nodes;

namespace Fury.LocalCluster;

/// <summary>Gives a new namespace what every namespace has, and empties one that is deleted before it goes.</summary>
internal sealed class Namespaces(Registry registry) : IController
{
    private readonly HashSet<string> _new = [];
    private readonly HashSet<string> _ending = [];

    public void Note(Change change)
    {
        if (change.Entry.Kind != AllKinds.Namespaces)
        {
            return;
        }

        if (change.Type == ChangeType.Deleted)
        {
            _ending.Remove(change.Entry.Name);
        }
        else if (change.Entry.Deleting)
        {
            _ending.Add(change.Entry.Name);
        }
        else if (change.Type == ChangeType.Added)
        {
            _new.Add(change.Entry.Name);
        }
    }

    public DateTimeOffset? Pass()
    {
        foreach (var ns in _new)
        {
            try
            {
                registry.Create(AllKinds.ServiceAccounts, ns, new() { ["metadata"] = new JsonObject { ["name"] = "default" } }, Writer.Cluster);
            }
            catch (Refusal)
            {
                // It is there already, or the namespace is on its way out.
            }
        }

        _new.Clear();
        foreach (var ns in _ending)
        {
            Empty(ns);
        }

        return null;
    }

    private void Empty(string ns)
    {
        var left = 0;
        foreach (var entry in AllKinds.InNamespaces.SelectMany(kind => registry.Store.All(kind, entry => entry.Namespace == ns)))
        {
            if (entry.Deleting)
            {
                left++;
                continue;
            }

            try
            {
                left += registry.Delete(entry.Kind, ns, entry.Name, DeleteOptions.Graceful).Gone ? 0 : 1;
            }
            catch (Refusal)
            {
                // Gone by itself.
            }
        }

        if (left == 0 && registry.Store.Find(AllKinds.Namespaces, null, ns) is { } space)
        {
            registry.Edit(space, Writer.Cluster, value => value.Child("spec").Remove("finalizers"));
        }
    }
}
