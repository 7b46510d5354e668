using System.Globalization;
using System.Text.Json.Nodes;

namespace Fury.LocalCluster;

/// <summary>Who writes, and how.</summary>
/// <param name="Manager">Whose fields they become; null for the cluster's own parts, whose writes are not recorded, so that pods stay small.</param>
/// <param name="ApiVersion">The version in which the writer speaks.</param>
/// <param name="Subresource">The part that may be changed: null for all but the status, or <c>status</c>, or <c>scale</c>.</param>
/// <param name="Applied">The fields that are applied; null for updates and patches.</param>
internal sealed record Writer(string? Manager, string ApiVersion, string? Subresource = null, bool DryRun = false, FieldSet? Applied = null)
{
    public static readonly Writer Cluster = new(null, "");

    public static readonly Writer ClusterStatus = new(null, "", "status");
}

/// <summary>
/// The life of objects: created with what a server fills in, changed only from the state that the writer has seen, deleted when grace and finalizers
/// allow it. Callers of the API and the cluster's own controllers write through it alike. Each call is one atomic step.
/// </summary>
internal sealed class Registry(ObjectStore store, ClusterVersion version, TimeProvider clock)
{
    private const int GenerateAttemptsMax = 8;

    private int _addresses;

    public ObjectStore Store => store;

    public TimeProvider Clock => clock;

    /// <summary>Another one after an upgrade; what is stored stays.</summary>
    public ClusterVersion Version { get; set; } = version;

    public Entry Create(Kind kind, string? ns, JsonObject value, Writer writer)
    {
        var metadata = value.Child("metadata");
        lock (store.Sync)
        {
            CheckNamespace(kind, ns);
            Prepare(kind, ns, value, metadata);
            var name = metadata.Text("name")!;
            Defaults.Fill(kind, value, Version);
            GiveAddress(kind, value);
            ObjectRules.Check(kind, value, before: null);
            if (store.Find(kind, ns, name) is not null)
            {
                throw Refusal.AlreadyExists(kind, name);
            }

            if (writer.Applied is not null)
            {
                ServerSideApply.Own(value, writer, clock.GetUtcNow());
            }
            else if (writer.Manager is not null)
            {
                // The first status is the server's own.
                var status = value["status"];
                value.Remove("status");
                ManagedFields.Updated(value, before: null, writer, clock.GetUtcNow());
                if (status is not null)
                {
                    value["status"] = status;
                }
            }

            return writer.DryRun ? Entry.Of(kind, value, store.Version) : store.Put(kind, value);
        }
    }

    /// <param name="change">Gets the object as it is, for itself to edit or to replace, and returns what it shall be.</param>
    public Entry Update(Kind kind, string? ns, string name, Writer writer, Func<JsonObject, JsonObject> change)
    {
        lock (store.Sync)
        {
            var entry = store.Get(kind, ns, name);
            var before = entry.Read();
            var after = change(entry.Read());
            Revision.KeepIdentity(entry, before, after);
            Revision.Limit(kind, before, after, writer);
            Defaults.Fill(kind, after, Version);
            if (writer.Subresource is null or "scale")
            {
                ObjectRules.Check(kind, after, before);
                Revision.CountGeneration(kind, before, after);
            }

            if (Revision.SameBut(before, after, "managedFields"))
            {
                // Writing what is there already is no change, and wakes nobody; taking fields over is one.
                if (writer.Manager is null || ManagedFields.SameSets(before, after))
                {
                    return entry;
                }
            }
            else if (writer.Manager is not null && writer.Applied is null)
            {
                ManagedFields.Updated(after, before, writer, clock.GetUtcNow());
            }

            if (writer.DryRun)
            {
                return Entry.Of(kind, after, entry.Version);
            }

            var updated = store.Put(kind, after);
            return Deletion.IsDone(kind, after) ? store.Remove(updated) : updated;
        }
    }

    /// <summary>
    /// As <see cref="Update"/>, for the cluster's own parts: they keep to what is theirs, so nothing is checked or filled in, and an object that is gone
    /// meanwhile needs no change any more.
    /// </summary>
    public void Edit(Entry entry, Writer writer, Action<JsonObject> edit)
    {
        lock (store.Sync)
        {
            if (store.Find(entry.Uid) is not { } present)
            {
                return;
            }

            var value = present.Read();
            edit(value);
            if (writer.Subresource != "status" && entry.Kind.HasGeneration)
            {
                Revision.CountGeneration(entry.Kind, present.Read(), value);
            }

            if (!Revision.IsSame(present, value))
            {
                var updated = store.Put(entry.Kind, value);
                _ = Deletion.IsDone(entry.Kind, value) ? store.Remove(updated) : updated;
            }
        }
    }

    /// <summary>Deletes, or begins to: <c>Gone</c> tells whether it is away, else the object is returned as it waits.</summary>
    public (Entry Entry, bool Gone) Delete(Kind kind, string? ns, string name, DeleteOptions options)
    {
        lock (store.Sync)
        {
            var entry = store.Get(kind, ns, name);
            options.CheckPreconditions(entry);
            var value = entry.Read();
            var changed = Deletion.Begin(entry, value, options, clock.GetUtcNow());
            if (Deletion.IsDone(kind, value))
            {
                return (options.DryRun ? entry : store.Remove(entry), true);
            }

            return (options.DryRun || !changed ? entry : store.Put(kind, value), false);
        }
    }

    private void CheckNamespace(Kind kind, string? ns)
    {
        if (!kind.Namespaced)
        {
            return;
        }

        var space = store.Get(AllKinds.Namespaces, null, ns!);
        if (space.Deleting)
        {
            throw Refusal.Forbidden(kind, "", $"unable to create new content in namespace {ns} because it is being terminated");
        }
    }

    private void Prepare(Kind kind, string? ns, JsonObject value, JsonObject metadata)
    {
        if (metadata.Text("name") is null or "" && metadata.Text("generateName") is { Length: > 0 } prefix)
        {
            var name = Names.Generate(prefix);
            for (var attempt = 1; attempt < GenerateAttemptsMax && store.Find(kind, ns, name) is not null; attempt++)
            {
                name = Names.Generate(prefix);
            }

            metadata["name"] = name;
        }

        if (metadata.Text("resourceVersion") is { Length: > 0 })
        {
            throw Refusal.BadRequest("resourceVersion should not be set on objects to be created");
        }

        foreach (var given in (string[])["selfLink", "deletionTimestamp", "deletionGracePeriodSeconds", "managedFields"])
        {
            metadata.Remove(given);
        }

        var now = clock.GetUtcNow();
        metadata["uid"] = Guid.CreateVersion7(now).ToString();
        metadata["creationTimestamp"] = now.Stamp();
        if (ns is not null)
        {
            metadata["namespace"] = ns;
        }

        if (kind.HasGeneration)
        {
            metadata["generation"] = 1;
        }

        // A status that comes with a new object is nobody's finding, but for nodes, which tell of themselves.
        if (kind.HasStatus && kind != AllKinds.Nodes)
        {
            value.Remove("status");
        }

        JobSelector.Give(kind, value, Version);
    }

    /// <summary>Services reach nobody here, but their clients expect them to have an address.</summary>
    private void GiveAddress(Kind kind, JsonObject value)
    {
        if (kind == AllKinds.Services && value.Text("spec", "type") != "ExternalName" && value.Text("spec", "clusterIP") is null or "")
        {
            var number = Interlocked.Increment(ref _addresses);
            var address = string.Create(CultureInfo.InvariantCulture, $"10.96.{(number >> 8) & 255}.{number & 255}");
            value.Child("spec")["clusterIP"] = address;
            value.Child("spec")["clusterIPs"] = new JsonArray(address);
        }
    }
}
