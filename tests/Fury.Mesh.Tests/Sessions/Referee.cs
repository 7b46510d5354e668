using Fury.Mesh.Xds;

namespace Fury.Mesh.Tests.Sessions;

internal sealed class FoulException(string message) : Exception(message);

/// <summary>What the server may say on one stream, and must: by what it was told, and what there is. Knows nothing of how sessions work.</summary>
internal sealed class Referee(SessionClient client, List<string>? story)
{
    private readonly Wish[] _heard = [Wish.None, Wish.None, Wish.None, Wish.None];
    private readonly Answer?[] _open = new Answer?[XdsTypes.Count];

    /// <summary>What the client has said to have, by type: taken from a response, or from the first request.</summary>
    private readonly Dictionary<string, string>[] _told = [[], [], [], []];

    /// <summary>Names that were asked for and are to be answered.</summary>
    private readonly HashSet<string>[] _owed = [[], [], [], []];

    /// <summary>Names that were asked for after the first request.</summary>
    private readonly HashSet<string>[] _askedAgain = [[], [], [], []];

    /// <summary>What the client came with.</summary>
    private readonly IReadOnlyDictionary<string, string>[] _resumed =
        [.. Enumerable.Repeat(new Dictionary<string, string>(), XdsTypes.Count)];

    /// <summary>Clusters that have changed, and wait for their endpoints.</summary>
    private readonly HashSet<string> _warming = [];

    /// <summary>Kept only for a history that is told again.</summary>
    public List<string>? Story { get; set; } = story;

    /// <summary>What the client has acknowledged, as the server knows it.</summary>
    public IReadOnlyDictionary<string, string> Told(XdsType type) => _told[(int)type];

    public bool HasHeardOf(XdsType type, string name) => _heard[(int)type].Covers(client.View, type, name);

    public void Tell(string what) => Story?.Add(what);

    public static void Require(bool condition, string foul)
    {
        if (!condition)
        {
            throw new FoulException(foul);
        }
    }

    public void Heard(Ask ask)
    {
        var type = (int)ask.Type;
        var isAnswer = _open[type] is { } last && last.Nonce == ask.Nonce;
        if (isAnswer)
        {
            Answered(_open[type]!, ask.Refused ?? []);
            _open[type] = null;
        }

        foreach (var (name, version) in ask.Resumed ?? new Dictionary<string, string>())
        {
            _told[type][name] = version;
        }

        foreach (var name in _told[type].Keys.Where(name => !ask.After.Keeps(name)).ToList())
        {
            _told[type].Remove(name);
        }

        client.Known.RemoveWhere(known => known.Type == ask.Type && !ask.After.Keeps(known.Name));
        _heard[type] = ask.After;
        _owed[type].UnionWith(ask.Named);
        _owed[type].RemoveWhere(name => !ask.After.Keeps(name));
        if (ask.After.All)
        {
            _owed[type].UnionWith(ask.Left);
        }

        _resumed[type] = ask.Resumed ?? _resumed[type];
        _askedAgain[type].UnionWith(ask.Resumed is null ? ask.Named : []);
        if (ask.Type == XdsType.Endpoint)
        {
            _warming.IntersectWith(ask.After.Names);
        }
    }

    public void Sent(Answer answer)
    {
        var type = answer.Type;
        Require(_open[(int)type] is null, $"Two responses of {type} are under way.");
        foreach (var (name, version) in answer.Has)
        {
            Require(!client.Refused.Contains(new(type, name, version)), $"{type} {name}@{version} was refused and is sent again.");
        }

        foreach (var name in answer.Gone)
        {
            var isThere = Find(type, name) is { } current
                && _heard[(int)type].Covers(client.View, type, name)
                && client.Has[(int)type].ContainsKey(name)
                && !IsLost(type, name, current);
            Require(!isThere, $"{type} {name} is there and wanted, and is taken away.");
        }

        Order(answer);
        Warm(answer);
        _owed[(int)type].ExceptWith(answer.Has.Keys);
        _owed[(int)type].ExceptWith(answer.Gone);
        if (client.IsWhole && type.IsWhole())
        {
            _owed[(int)type].Clear();
        }

        _open[(int)type] = answer;
    }

    /// <summary>At rest: the client has what there is, or its last good version of it, and nobody owes or remembers anything.</summary>
    public void Rest()
    {
        foreach (var type in Enum.GetValues<XdsType>().Where(client.HasAsked))
        {
            var (wants, has) = (client.Wants[(int)type], client.Has[(int)type]);
            var all = wants.All ? client.View.AllNames(type) : [];
            foreach (var name in has.Keys.Concat(wants.Names).Concat(all).Distinct())
            {
                var current = wants.Covers(client.View, type, name) ? Find(type, name) : null;
                var version = has.GetValueOrDefault(name);
                if (current is null)
                {
                    var isOfOldStream = client.IsWhole && !_told[(int)type].ContainsKey(name);
                    Require(version is null || isOfOldStream || IsLeft(type), $"{type} {name}@{version} is not wanted, or not there, and the client has it.");
                }
                else if (version != current.Version)
                {
                    Require(IsWithheld(type, current), $"{type} {name} is {current.Version} and the client has '{version}'.");
                    Require(
                        version is null or "feed" || client.Accepted.Contains(new(type, name, version)), $"{type} {name}@{version} was never accepted.");
                }
            }

            foreach (var name in _owed[(int)type])
            {
                // What cannot be said: in whole responses that there is none; anywhere a content that only the client knows.
                var isUnsayable = wants.Covers(client.View, type, name) && Find(type, name) is { } current
                    ? IsWithheld(type, current) || (_resumed[(int)type].GetValueOrDefault(name) == current.Version && !_askedAgain[(int)type].Contains(name))
                    : client.IsWhole || IsLeft(type);
                Require(isUnsayable, $"{type} {name} was asked for and never answered.");
            }

            foreach (var (name, _) in client.Stream.Session[type].All())
            {
                var isThere = Find(type, name) is not null && wants.Covers(client.View, type, name);
                Require(isThere || wants.Names.Contains(name) || IsLeft(type), $"{type} {name} is remembered, and nobody wants it.");
            }
        }
    }

    /// <summary>Make before break: see <see cref="AdsSession"/>.</summary>
    private void Order(Answer answer)
    {
        if (answer.Type >= XdsType.Listener && answer.Has.Any(entry => client.Has[(int)answer.Type].GetValueOrDefault(entry.Key) != entry.Value))
        {
            Settled(XdsType.Cluster, answer);
            Settled(XdsType.Endpoint, answer);
            Require(
                !_warming.Any(name => Find(XdsType.Endpoint, name) is { } current && !IsWithheld(XdsType.Endpoint, current)),
                $"{answer.Type} is sent before the endpoints of a changed cluster.");
        }

        if (answer.Type <= XdsType.Endpoint)
        {
            foreach (var name in answer.Gone.Where(name => _told[(int)answer.Type].ContainsKey(name) && Find(answer.Type, name) is null))
            {
                Require(_open[(int)XdsType.Route] is null, $"{answer.Type} {name} is taken away before new routes are acknowledged.");
                Require(
                    !client.Has[(int)XdsType.Route].Values.Any(version => client.World.ClustersOf(version).Contains(name)),
                    $"{answer.Type} {name} is taken away from a client that routes to it.");
            }
        }
    }

    private void Settled(XdsType type, Answer before)
    {
        Require(_open[(int)type] is null, $"{before.Type} is sent before {type} is acknowledged.");
        var heard = _heard[(int)type];
        foreach (var name in heard.Names.Concat(heard.All ? client.View.AllNames(type) : []))
        {
            var isSettled = Find(type, name) is not { } current
                || _told[(int)type].GetValueOrDefault(name) == current.Version
                || IsWithheld(type, current);
            Require(isSettled, $"{before.Type} is sent before {type} {name}.");
        }
    }

    private void Warm(Answer answer)
    {
        if (answer.Type == XdsType.Cluster)
        {
            var told = _told[(int)XdsType.Cluster];
            _warming.UnionWith(
                from entry in answer.Has
                where told.GetValueOrDefault(entry.Key) != entry.Value && _heard[(int)XdsType.Endpoint].Names.Contains(entry.Key)
                select entry.Key);
        }
        else if (answer.Type == XdsType.Endpoint)
        {
            _warming.ExceptWith(answer.Has.Keys);
            _warming.ExceptWith(answer.Gone);
        }
    }

    private void Answered(Answer answer, IReadOnlyList<Content> refused)
    {
        var told = _told[(int)answer.Type];
        if (refused.Count > 0)
        {
            client.Refused.UnionWith(refused);
            client.Withheld.UnionWith(
                client.NamesWhatItRefuses
                    ? refused
                    : from entry in answer.Has
                      where told.GetValueOrDefault(entry.Key) != entry.Value
                      select new Content(answer.Type, entry.Key, entry.Value));
            return;
        }

        foreach (var (name, version) in answer.Has)
        {
            told[name] = version;
            client.Known.Add(new(answer.Type, name, version));
        }

        foreach (var name in answer.Gone)
        {
            told.Remove(name);
            client.Known.RemoveWhere(known => known.Type == answer.Type && known.Name == name);
        }
    }

    private XdsResource? Find(XdsType type, string name) => client.View.Find(type, name);

    private bool IsWithheld(XdsType type, XdsResource current) => client.Withheld.Contains(new(type, current.Name, current.Version));

    /// <summary>A client of whole states has taken this and broke off before it said so, and refuses what there is now: nobody can know.</summary>
    private bool IsLost(XdsType type, string name, XdsResource current) =>
        client.IsWhole && IsWithheld(type, current) && !client.Known.Contains(new(type, name, client.Has[(int)type][name]));

    /// <summary>What may stay with the client though it has gone: in whole responses nobody can say so; and what older routes name, by which it goes.</summary>
    private bool IsLeft(XdsType type) =>
        (client.IsWhole && !type.IsWhole())
        || (type <= XdsType.Endpoint && _resumed.Any(it => it.Count > 0) && !client.HasAsked(XdsType.Route))
        || (type <= XdsType.Endpoint && client.Wants[(int)XdsType.Route].Names.Any(name =>
            Find(XdsType.Route, name) is { } current && IsWithheld(XdsType.Route, current)));
}
