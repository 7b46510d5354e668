namespace Fury.LocalCluster;

/// <summary>Takes events away some time after they were last told, so that a cluster that runs for days does not drown in its own news.</summary>
internal sealed class EventExpiry(Registry registry) : IController
{
    private static readonly TimeSpan Kept = TimeSpan.FromHours(1);

    private readonly Queue<(Guid Event, long Version, long At)> _told = new();

    public void Note(Change change)
    {
        if (change.Entry.Kind == AllKinds.Events && change.Type != ChangeType.Deleted)
        {
            _told.Enqueue((change.Entry.Uid, change.Version, registry.Clock.GetTimestamp()));
        }
    }

    public DateTimeOffset? Pass()
    {
        while (_told.TryPeek(out var oldest))
        {
            var age = registry.Clock.GetElapsedTime(oldest.At);
            if (age < Kept)
            {
                return registry.Clock.GetUtcNow() + (Kept - age);
            }

            _told.Dequeue();

            // One that was told again since has a later place in the queue.
            if (registry.Store.Find(oldest.Event) is { } entry && entry.Version == oldest.Version)
            {
                registry.Delete(entry.Kind, entry.Namespace, entry.Name, DeleteOptions.Now);
            }
        }

        return null;
    }
}
