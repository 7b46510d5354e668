using System.Globalization;
using Fury.Kernel;
using Fury.Sidecar.Routing;

namespace Fury.Sidecar.Haproxy;

/// <summary>
/// What has to be told to a HAProxy so that it has what it is to have, in an order in which every step serves: servers come before the slots that
/// lead to them, and go after. Pure.
/// </summary>
internal static class HaproxyPlan
{
    /// <summary>The key in the map of hosts that says that there are routes; no host has that name.</summary>
    public const string Loaded = "!loaded";

    /// <summary>What a slot leads to where nothing serves the scope, after <c>!</c> as the refusal is called.</summary>
    public const string NoPool = "!no-pool";

    public const string NoEndpoint = "!no-ready-endpoint";

    private static readonly HaproxyMap[] Outward = Enum.GetValues<HaproxyMap>();
    private static readonly HaproxyMap[] Inward = [.. Outward.Reverse()];

    public static IReadOnlyList<Command> Next(HaproxyState seen, HaproxyTarget target)
    {
        List<Command> commands = [];
        var servers = Servers(target);
        foreach (var server in servers.Where(server => !seen.Servers.GetValueOrDefault(server)))
        {
            if (!seen.Servers.ContainsKey(server))
            {
                commands.Add(new Command.AddServer(server));
            }

            commands.Add(new Command.StartServer(server));
        }

        var lookups = Lookups(seen, target);
        commands.AddRange(lookups);
        if (lookups.Count > 0)
        {
            commands.Add(new Command.Pause());
        }

        var leaving = target.Backends.Values.Except(target.Routed.Select(pool => target.Backends[pool.Pool])).ToHashSet();
        commands.AddRange(
            from server in seen.Servers
            where server.Value && !servers.Contains(server.Key) && !leaving.Contains(server.Key.Backend)
            select new Command.StopServer(server.Key));
        return commands;
    }

    private static HashSet<ServerAt> Servers(HaproxyTarget target) =>
        [.. from pool in target.Routed from endpoint in pool.Endpoints select new ServerAt(target.Backends[pool.Pool], endpoint)];

    /// <summary>What a request looks at first is changed last when it comes, and first when it goes.</summary>
    private static List<Command> Lookups(HaproxyState seen, HaproxyTarget target)
    {
        var wanted = Wanted(seen, target);
        var put = from map in Outward
                  from entry in wanted
                  where entry.Key.Map == map
                  let has = seen.Entries.GetValueOrDefault(entry.Key)
                  where has != entry.Value
                  select has is null ? (Command)new Command.AddEntry(entry.Key, entry.Value) : new Command.SetEntry(entry.Key, entry.Value);
        var removed = from map in Inward
                      from entry in seen.Entries.Keys
                      where entry.Map == map && !wanted.ContainsKey(entry)
                      select new Command.RemoveEntry(entry);
        return [.. put, .. removed];
    }

    private static Dictionary<MapEntry, string> Wanted(HaproxyState seen, HaproxyTarget target)
    {
        Dictionary<MapEntry, string> wanted = [];
        foreach (var (pool, backend) in target.Backends)
        {
            wanted[new(HaproxyMap.Pools, Backends.NameOf(backend))] = $"{pool}";
        }

        foreach (var scope in target.Scopes.Values)
        {
            Add(wanted, seen, target, scope);
        }

        if (target.Version > 0)
        {
            wanted[new(HaproxyMap.Hosts, Loaded)] = "yes";
        }

        return wanted;
    }

    private static void Add(Dictionary<MapEntry, string> wanted, HaproxyState seen, HaproxyTarget target, ScopeRoutes scope)
    {
        var name = $"{scope.Scope}";
        foreach (var host in scope.Hosts)
        {
#pragma warning disable CA1308 // Host names are written in lower case.
            wanted[new(HaproxyMap.Hosts, host.ToLowerInvariant())] = name;
#pragma warning restore CA1308
        }

        if (scope.Rules.Timeout is { } timeout)
        {
            wanted[new(HaproxyMap.Timeouts, name)] = Math.Max(1, (long)timeout.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
        }

        foreach (var pool in scope.Pools.Where(pool => scope.Rules.Previews.Contains(pool.Pool)))
        {
            wanted[new(HaproxyMap.Previews, $"{name}#{pool.Pool}")] = pool.Endpoints.Count > 0 ? Backends.NameOf(target.Backends[pool.Pool]) : NoEndpoint;
        }

        MapEntry[] keys = [.. Enumerable.Range(0, Slots.Count).Select(slot => SlotOf(scope.Scope, slot))];
        var next = Slots.Assign([.. keys.Select(key => seen.Entries.GetValueOrDefault(key))], Shares(target, scope));
        foreach (var (slot, key) in keys.Index())
        {
            wanted[key] = next[slot];
        }
    }

    public static MapEntry SlotOf(ScopeRef scope, int slot) => new(HaproxyMap.Slots, $"{scope}#{slot.ToString(CultureInfo.InvariantCulture)}");

    /// <summary>By weight among the pools that have an endpoint; those of weight 0 alike when no other has one.</summary>
    private static IReadOnlyList<(string To, long Weight)> Shares(HaproxyTarget target, ScopeRoutes scope)
    {
        var open = scope.Pools.Where(pool => pool.Endpoints.Count > 0).ToList();
        if (open.Count == 0)
        {
            return [(scope.Pools.Count == 0 ? NoPool : NoEndpoint, 1)];
        }

        var hasWeight = open.Exists(pool => pool.Weight > 0);
        return [.. open.Select(pool => (Backends.NameOf(target.Backends[pool.Pool]), hasWeight ? pool.Weight : 1L))];
    }
}
