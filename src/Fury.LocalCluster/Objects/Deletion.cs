using System.Text.Json.Nodes;

namespace Fury.LocalCluster;

/// <summary>What a caller says of a deletion.</summary>
/// <param name="GraceSeconds">Null for the pod's own.</param>
/// <param name="Propagation"><c>Background</c>, <c>Foreground</c> or <c>Orphan</c>: what becomes of the objects that it owns.</param>
/// <param name="Uid">The deletion is refused when the object is another one.</param>
/// <param name="Version">The deletion is refused when the object has changed since.</param>
internal sealed record DeleteOptions(
    long? GraceSeconds = null, string Propagation = "Background", string? Uid = null, string? Version = null, bool DryRun = false)
{
    public static readonly DeleteOptions Now = new(GraceSeconds: 0);

    public static readonly DeleteOptions Graceful = new();

    public void CheckPreconditions(Entry entry)
    {
        if (Uid is not null && Uid != entry.Uid.ToString())
        {
            throw Refusal.Conflict(
                entry.Kind, entry.Name, $"Precondition failed: UID in precondition: {Uid}, UID in object meta: {entry.Uid}");
        }

        if (Version is not null && Version != entry.Version.ToString(System.Globalization.CultureInfo.InvariantCulture))
        {
            throw Refusal.Conflict(
                entry.Kind,
                entry.Name,
                $"Precondition failed: ResourceVersion in precondition: {Version}, ResourceVersion in object meta: {entry.Version}");
        }
    }
}

/// <summary>When an object may go: at once, or when its grace is over and the last finalizer is off.</summary>
internal static class Deletion
{
    public const string ForegroundFinalizer = "foregroundDeletion";
    public const string OrphanFinalizer = "orphan";

    private const long GraceSecondsDefault = 30;

    /// <summary>Marks the object as being deleted, in place. False when it was marked like this already.</summary>
    public static bool Begin(Entry entry, JsonObject value, DeleteOptions options, DateTimeOffset now)
    {
        var metadata = value.Object("metadata")!;
        var grace = entry.Kind == AllKinds.Pods ? GraceOf(entry, value, options) : 0;
        var changed = AddFinalizer(metadata, options.Propagation switch
        {
            "Foreground" => ForegroundFinalizer,
            "Orphan" => OrphanFinalizer,
            _ => null,
        });

        // A second deletion may shorten the grace of the first one, never make it longer.
        if (!entry.Deleting || grace < (metadata.Number("deletionGracePeriodSeconds") ?? 0))
        {
            metadata["deletionTimestamp"] = (now + TimeSpan.FromSeconds(grace)).Stamp();
            metadata["deletionGracePeriodSeconds"] = grace;
            if (entry.Kind.HasGeneration)
            {
                metadata["generation"] = (metadata.Number("generation") ?? 0) + 1;
            }

            changed = true;
        }

        if (entry.Kind == AllKinds.Namespaces)
        {
            value.Child("status")["phase"] = "Terminating";
        }

        return changed;
    }

    /// <summary>Whether nothing holds the object any more.</summary>
    public static bool IsDone(Kind kind, JsonObject value) =>
        value.Node("metadata", "deletionTimestamp") is not null
        && value.Array("metadata", "finalizers") is null or { Count: 0 }
        && (value.Number("metadata", "deletionGracePeriodSeconds") ?? 0) == 0
        && !(kind == AllKinds.Namespaces && value.Array("spec", "finalizers") is { Count: > 0 });

    private static long GraceOf(Entry entry, JsonObject pod, DeleteOptions options)
    {
        // Nobody has to stop what has no node, or has ended.
        if (entry.Pod!.Node is null || entry.Pod.HasEnded)
        {
            return 0;
        }

        return Math.Max(0, options.GraceSeconds ?? pod.Number("spec", "terminationGracePeriodSeconds") ?? GraceSecondsDefault);
    }

    private static bool AddFinalizer(JsonObject metadata, string? finalizer)
    {
        var finalizers = metadata.Array("finalizers") ?? [];
        if (finalizer is null || finalizers.Any(given => given.Text() == finalizer))
        {
            return false;
        }

        finalizers.Add(finalizer);
        if (finalizers.Parent is null)
        {
            metadata["finalizers"] = finalizers;
        }

        return true;
    }
}
