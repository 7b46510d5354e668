using Fury.Mesh.Xds;

namespace Fury.Mesh.Tests.Sessions;

/// <summary>What a client wants of one type, or what the server has heard of it.</summary>
internal sealed record Wish(HashSet<string> Names, bool All)
{
    public static Wish None => new([], false);

    public bool Covers(IXdsView view, XdsType type, string name) => Names.Contains(name) || (All && view.IsForAll(type, name));

    /// <summary>Under "all" a client keeps whatever it was sent: what that means is the server's to say.</summary>
    public bool Keeps(string name) => All || Names.Contains(name);
}

internal readonly record struct Content(XdsType Type, string Name, string Version);

/// <summary>A request, in the words of both protocols.</summary>
/// <param name="After">What the client wants from now on.</param>
/// <param name="Named">What it has named as wanted: to be answered.</param>
/// <param name="Resumed">With the versions that it says it has.</param>
internal sealed record Ask(
    XdsType Type,
    Wish After,
    IReadOnlyList<string> Named,
    IReadOnlyList<string> Left,
    string Nonce = "",
    IReadOnlyList<Content>? Refused = null,
    IReadOnlyDictionary<string, string>? Resumed = null)
{
    /// <summary>Whether "all" is said by its name.</summary>
    public bool Says { get; init; }
}

/// <summary>A response, likewise.</summary>
/// <param name="Gone">What it takes away, said or unsaid.</param>
internal sealed record Answer(XdsType Type, string Nonce, IReadOnlyDictionary<string, string> Has, IReadOnlyList<string> Gone);

/// <summary>
/// A proxy that follows the protocol and does everything that it allows, slowly and by chance; what it has, and what it has refused. Requests and
/// responses wait in queues between it and the session under test, and a <see cref="Referee"/> looks at each.
/// </summary>
internal abstract class SessionClient
{
    private readonly ulong _taste;

    protected SessionClient(SessionWorld world, Random random, Dialect dialect)
    {
        (World, Random, Dialect) = (world, random, dialect);
        (_taste, NamesWhatItRefuses) = ((ulong)random.Next(2, 12), random.Next(2) == 0);
        Connect();
    }

    public SessionWorld World { get; }

    public Random Random { get; }

    public Dialect Dialect { get; }

    public Rejections Rejections { get; } = new();

    public XdsStream Stream { get; private set; } = null!;

    public Referee Referee { get; private set; } = null!;

    public Wish[] Wants { get; } = [Wish.None, Wish.None, Wish.None, Wish.None];

    public Dictionary<string, string>[] Has { get; } = [[], [], [], []];

    public HashSet<Content> Accepted { get; } = [];

    /// <summary>Of what it has, what the server has heard.</summary>
    public HashSet<Content> Known { get; } = [];

    /// <summary>Contents that it has refused and the server has heard so.</summary>
    public HashSet<Content> Refused { get; } = [];

    /// <summary>These, and what came with them in the same response: that is refused as one.</summary>
    public HashSet<Content> Withheld { get; } = [];

    /// <summary>Or only says that something is wrong.</summary>
    public bool NamesWhatItRefuses { get; }

    public abstract bool IsWhole { get; }

    public IXdsView View => Stream.View;

    protected Queue<Ask> ToServer { get; } = [];

    protected Queue<Answer> ToClient { get; } = [];

    /// <summary>Types that it has asked for on this stream.</summary>
    protected bool[] Used { get; } = new bool[XdsTypes.Count];

    public bool HasAsked(XdsType type) => Used[(int)type];

    /// <summary>One thing happens.</summary>
    public void Step()
    {
        switch (Random.Next(40))
        {
            case < 9:
                Deliver();
                break;
            case < 18:
                Emit();
                break;
            case < 27:
                Take();
                break;
            case < 32:
                Referee.Tell($"the world changes: {World.Change()}");
                break;
            case < 39:
                ChangeMind((XdsType)Random.Next(XdsTypes.Count));
                break;
            default:
                Reconnect();
                break;
        }
    }

    /// <summary>Everything on its way arrives, and nothing more comes of it.</summary>
    public void Settle()
    {
        for (var round = 0; Deliver() | Emit() | Take(); round++)
        {
            Sessions.Referee.Require(round < 1000, "It does not come to rest.");
        }
    }

    protected abstract AdsSession NewSession(IXdsView view, Rejections rejections, TimeProvider clock);

    /// <summary>The session takes the request in.</summary>
    protected abstract void Hear(Ask ask);

    protected abstract Answer Read(Outgoing response);

    /// <summary>The client's next wish for a type, which it then sends.</summary>
    protected abstract void ChangeMind(XdsType type);

    /// <summary>Says everything anew on a stream that has just begun.</summary>
    protected abstract void Begin(XdsType type);

    /// <summary>A stream has begun: what is known of the one before counts no more.</summary>
    protected virtual void Forget()
    {
    }

    /// <summary>It takes a response, or refuses it.</summary>
    protected abstract Ask Reply(Answer answer, IReadOnlyList<Content> refused);

    /// <summary>The words of a refusal.</summary>
    protected Google.Rpc.Status? ErrorOf(Ask ask) => ask.Refused is not { Count: > 0 } refused ? null : new()
    {
        Code = 3,
        Message = NamesWhatItRefuses ? $"not to my taste: {string.Join(", ", refused.Select(content => content.Name))}" : "not to my taste",
    };

    protected void Send(Ask ask)
    {
        var type = (int)ask.Type;
        Used[type] = true;
        Wants[type] = ask.After;
        foreach (var name in Has[type].Keys.Where(name => !ask.After.Keeps(name)).ToList())
        {
            Has[type].Remove(name);
        }

        ToServer.Enqueue(ask with { After = new([.. ask.After.Names], ask.After.All) });
    }

    protected string AnyName(XdsType type) => World.AnyName(type, Dialect);

    protected bool Chance(int oneIn) => Random.Next(oneIn) == 0;

    private bool Deliver()
    {
        if (!ToServer.TryDequeue(out var ask))
        {
            return false;
        }

        Referee.Tell($"{(IsWhole ? "whole" : "delta")} request {ask.Type} +[{string.Join(' ', ask.Named)}] -[{string.Join(' ', ask.Left)}] all={ask.After.All} "
            + $"nonce={ask.Nonce} refused={ask.Refused?.Count} resumed=[{string.Join(' ', ask.Resumed ?? new Dictionary<string, string>())}]");
        World.Hub.Follow(Stream, IsWhole ? ask.After.Names : ask.Named);
        Hear(ask);
        World.Hub.Unfollow(Stream, ask.Left);
        Referee.Heard(ask);
        return true;
    }

    private bool Emit()
    {
        if (World.Hub.Next(Stream) is not { } response)
        {
            return false;
        }

        var answer = Read(response);
        Referee.Tell($"response {answer.Type} [{string.Join(' ', answer.Has)}] gone [{string.Join(' ', answer.Gone)}] nonce={answer.Nonce}");
        Referee.Sent(answer);
        ToClient.Enqueue(answer);
        return true;
    }

    private bool Take()
    {
        if (!ToClient.TryDequeue(out var answer))
        {
            return false;
        }

        var (type, has) = (answer.Type, Has[(int)answer.Type]);
        List<Content> news =
        [
            .. from entry in answer.Has
               where Wants[(int)type].Keeps(entry.Key) && has.GetValueOrDefault(entry.Key) != entry.Value
               select new Content(type, entry.Key, entry.Value),
        ];
        var bad = news.Where(content => Convert.ToUInt64(content.Version, 16) / 2 % 12 == _taste).ToList();
        var isBad = bad.Count > 0;
        if (!isBad)
        {
            foreach (var content in news)
            {
                has[content.Name] = content.Version;
                Accepted.Add(content);
            }

            foreach (var name in answer.Gone)
            {
                has.Remove(name);
            }
        }

        Referee.Tell($"client {(isBad ? "refuses" : "takes")} {answer.Nonce}");
        ToServer.Enqueue(Reply(answer, bad));
        return true;
    }

    /// <summary>With what it has, with something older from a disk, or with nothing.</summary>
    private void Reconnect()
    {
        World.Hub.Close(Stream);
        Forget();
        ToServer.Clear();
        ToClient.Clear();
        foreach (var (type, has) in Has.Index())
        {
            switch (Random.Next(6))
            {
                case 0:
                    has.Clear();
                    break;
                case 1 when !IsWhole && Wants[type].Names.Count > 0:
                    has[Wants[type].Names.ElementAt(Random.Next(Wants[type].Names.Count))] = "feed";
                    break;
                case 2 when !IsWhole && Wants[type].All:
                    has["long.gone/pool"] = "feed";
                    break;
            }
        }

        Connect();
        var types = Enum.GetValues<XdsType>().Where(type => Used[(int)type]).ToArray();
        Random.Shuffle(types);
        foreach (var type in types)
        {
            Used[(int)type] = Wants[(int)type] is { All: true } or { Names.Count: > 0 };
            if (Used[(int)type])
            {
                Begin(type);
            }
        }
    }

    private void Connect()
    {
        Stream = World.Open("one", Dialect, Rejections, NewSession);
        Referee = new(this, Referee?.Story);
        Referee.Tell("connected");
    }
}
