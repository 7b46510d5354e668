using Fury.Compute.Serverless.Clusters;
using Fury.Kernel;

namespace Fury.Compute.Serverless.Placement;

/// <summary>
/// Everything that is promised and seen, in memory, for one writer. It decides what of a plan can be kept and notes what has to be written;
/// nothing of it may be believed by others before that is written.
/// </summary>
internal sealed class Ledger
{
    private readonly Dictionary<string, Book> _books = [];
    private readonly Dictionary<PoolId, HashSet<Book>> _pools = [];

    /// <summary>What planners read once it is published.</summary>
    public Fleet Fleet { get; private set; } = Fleet.Empty;

    public IEnumerable<Reservation> Promises => _books.Values.SelectMany(book => book.Promises);

    /// <summary>The promises are these and no others, as after a restart. What was seen stays.</summary>
    public void Load(IEnumerable<Reservation> promises)
    {
        foreach (var book in _books.Values)
        {
            book.DropAll();
        }

        foreach (var promise in promises)
        {
            var book = BookOf(promise.Cluster);
            // What was bound may have changed since it was written.
            book.Keep(book.Seen is null ? promise : promise with { Bound = book.BoundOf(promise.Pool) });
        }

        _pools.Clear();
        foreach (var book in _books.Values)
        {
            book.Count();
            Index(book);
            Fleet = Fleet.Promised(book.Name, book.Room);
        }
    }

    public void Put(Cluster cluster)
    {
        var book = BookOf(cluster.Name);
        if (book.Cluster is { } known && !known.Zones.SequenceEqual(cluster.Zones))
        {
            book.Forget();
        }

        book.Cluster = cluster;
        Fleet = Fleet.Put(cluster);
        Recount(book);
    }

    /// <summary>The cluster is no more, and nothing that was promised of it is.</summary>
    public void Remove(string cluster, ReservationChanges changes)
    {
        if (_books.TryGetValue(cluster, out var book))
        {
            foreach (var pool in book.Pools.ToList())
            {
                Unindex(pool, book);
            }

            foreach (var promise in book.Promises)
            {
                changes.Drop(promise.Pool, cluster);
            }

            book.DropAll();
            book.Forget();
            book.Cluster = null;
            book.Count();
            Fleet = Fleet.Remove(cluster);
        }
    }

    public void Judge(string cluster, HealthPhase phase) => Fleet = Fleet.Judged(cluster, phase);

    /// <summary>A look at a cluster: promises that are bound end, and those whose time had passed before it.</summary>
    public void See(ClusterSeen seen, ReservationChanges changes)
    {
        var book = BookOf(seen.Cluster);
        var before = book.Pools.ToList();
        if (!book.See(seen))
        {
            return;
        }

        foreach (var promise in book.Promises.ToList())
        {
            var bound = book.BoundOf(promise.Pool);
            if (bound >= promise.Replicas || promise.ExpiresAt < seen.At)
            {
                book.Drop(promise.Pool);
                changes.Drop(promise.Pool, promise.Cluster);
            }
            else if (bound != promise.Bound)
            {
                book.Keep(promise with { Bound = bound });
                changes.Keep(promise with { Bound = bound });
            }
        }

        foreach (var pool in before)
        {
            Unindex(pool, book);
        }

        Index(book);
        book.Count();
        Fleet = Fleet.Seen(book.Name, book.Room, seen.At);
    }

    /// <summary>
    /// Promises what of a plan still fits, or, when a hard spread would be broken by a part of it, all or nothing. Never more in all than is
    /// wanted, whatever the planner knew of what the pool has.
    /// </summary>
    public Applied Apply(PlacementRequest request, Decision plan, DateTimeOffset now, ReservationChanges changes)
    {
        var left = request.Replicas - Has(request).Sum(one => one.Replicas);
        var asked = plan.Added.Sum(one => one.Replicas);
        List<(Book Book, Room Room, int[] Taken)> takes = [];
        foreach (var group in plan.Added.GroupBy(one => one.Cluster))
        {
            if (left > 0 && Taking(group.Key, request) is { } book)
            {
                var room = book.Room.Take(request.Size, ByZone(book.Cluster!, group, left), out var taken);
                left -= taken.Sum();
                takes.Add((book, room, taken));
            }
        }

        var granted = takes.Sum(take => take.Taken.Sum());
        if (granted < asked && request.Spreads.Any(spread => spread.Hard && spread.MinGroups > 1))
        {
            (takes, granted) = ([], 0);
        }

        List<Placed> added = [];
        foreach (var (book, room, taken) in takes.Where(take => take.Taken.Any(replicas => replicas > 0)))
        {
            Promise(book, request, taken, now, changes);
            book.Took(room);
            Fleet = Fleet.Promised(book.Name, room);
            added.AddRange(PlacedIn(book, taken));
        }

        var has = Has(request);
        var placed = has.Sum(one => one.Replicas) > request.Replicas ? Shrink(request.Pool, plan, now, changes) : has;
        var pending = Math.Max(0, request.Replicas - placed.Sum(one => one.Replicas));
        var decision = plan with
        {
            Placed = placed,
            Added = added,
            Pending = pending,
            Reason = pending == 0 ? null : granted < asked ? PendingReason.Contended : plan.Reason ?? PendingReason.Contended,
        };
        changes.Decide(decision);
        return new(decision, asked - granted);
    }

    /// <summary>
    /// The cluster was told that the pool needs no more than it runs: with the cluster's next report the promise ends. Not sooner, since a
    /// replica that is bound and not seen yet would have its place given away.
    /// </summary>
    public void Release(PoolId pool, string cluster, DateTimeOffset now, ReservationChanges changes)
    {
        if (_books.TryGetValue(cluster, out var book) && book.Promise(pool) is { } promise && promise.ExpiresAt > now)
        {
            book.Keep(promise with { ExpiresAt = now });
            changes.Keep(promise with { ExpiresAt = now });
        }
    }

    /// <summary>The pool is no more: its promises end everywhere as <see cref="Release"/> says, and its last decision is forgotten.</summary>
    public void Retire(PoolId pool, DateTimeOffset now, ReservationChanges changes)
    {
        foreach (var book in _pools.GetValueOrDefault(pool, []))
        {
            Release(pool, book.Name, now, changes);
        }

        changes.Retire(pool);
    }

    /// <summary>It has more than it wants: what the planner leaves it is where it is to be, and promises of more than that are let go.</summary>
    private IReadOnlyList<Placed> Shrink(PoolId pool, Decision plan, DateTimeOffset now, ReservationChanges changes)
    {
        foreach (var book in _pools.GetValueOrDefault(pool, [])
            .Where(book => book.Promise(pool)?.Replicas > plan.Placed.Where(one => one.Cluster == book.Name).Sum(one => one.Replicas)))
        {
            Release(pool, book.Name, now, changes);
        }

        return plan.Placed;
    }

    /// <summary>Where the pool is: by promise, by what runs, or, where the ledger knows nothing, by what the asker says.</summary>
    private List<Placed> Has(PlacementRequest request)
    {
        List<Placed> all = [];
        foreach (var book in _pools.GetValueOrDefault(request.Pool, []).OrderBy(book => book.Name, StringComparer.Ordinal))
        {
            if (book.Cluster is not null && !request.Leaving.Contains(book.Name))
            {
                all.AddRange(PlacedIn(book, book.Has(request.Pool)));
            }
        }

        foreach (var group in request.Current.GroupBy(one => one.Cluster).Where(group => !request.Leaving.Contains(group.Key)))
        {
            if (group.Sum(one => one.Replicas) > all.Where(one => one.Cluster == group.Key).Sum(one => one.Replicas))
            {
                all.RemoveAll(one => one.Cluster == group.Key);
                all.AddRange(group.Where(one => one.Replicas > 0));
            }
        }

        return all;
    }

    private Book? Taking(string cluster, PlacementRequest request) =>
        _books.TryGetValue(cluster, out var book) && book.Cluster is { Phase: ClusterPhase.Active } && Fleet.IsHealthy(cluster)
        && !request.Leaving.Contains(cluster)
            ? book
            : null;

    private void Promise(Book book, PlacementRequest request, int[] taken, DateTimeOffset now, ReservationChanges changes)
    {
        var has = book.Has(request.Pool);
        var zones = book.Cluster!.Zones.Index()
            .Select(zone => (zone.Item, Replicas: (zone.Index < has.Length ? has[zone.Index] : 0) + taken[zone.Index]))
            .Where(zone => zone.Replicas > 0)
            .ToDictionary(zone => zone.Item, zone => zone.Replicas);
        var promise = new Reservation(
            request.Pool, book.Name, request.Size, zones, book.BoundOf(request.Pool), now, now + Reservation.TimeToLive);
        book.Keep(promise);
        changes.Keep(promise);
        Index(request.Pool, book);
    }

    private void Recount(Book book)
    {
        book.Count();
        Fleet = Fleet.Promised(book.Name, book.Room);
    }

    private static int[] ByZone(Cluster cluster, IEnumerable<Placed> cells, int left)
    {
        var zones = new int[cluster.Zones.Count];
        foreach (var cell in cells)
        {
            if (cluster.ZoneOf(cell.Zone) is var zone and >= 0)
            {
                var asked = Math.Min(left, cell.Replicas);
                zones[zone] += asked;
                left -= asked;
            }
        }

        return zones;
    }

    private static IEnumerable<Placed> PlacedIn(Book book, int[] zones) =>
        from zone in zones.Index()
        where zone.Item > 0
        select new Placed(book.Name, book.Cluster!.Zones[zone.Index], zone.Item);

    private Book BookOf(string cluster) => _books.TryGetValue(cluster, out var book) ? book : _books[cluster] = new(cluster);

    private void Index(Book book)
    {
        foreach (var pool in book.Pools)
        {
            Index(pool, book);
        }
    }

    private void Index(PoolId pool, Book book)
    {
        if (!_pools.TryGetValue(pool, out var books))
        {
            _pools[pool] = books = [];
        }

        books.Add(book);
    }

    private void Unindex(PoolId pool, Book book)
    {
        if (_pools.TryGetValue(pool, out var books) && books.Remove(book) && books.Count == 0)
        {
            _pools.Remove(pool);
        }
    }
}
