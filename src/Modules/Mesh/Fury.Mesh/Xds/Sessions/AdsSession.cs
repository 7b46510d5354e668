using Google.Protobuf;

namespace Fury.Mesh.Xds;

/// <summary>A response: its head as a message, then chunks that are parts of the same message.</summary>
internal sealed record Outgoing(XdsType Type, IMessage Head, IReadOnlyList<ReadOnlyMemory<byte>> Chunks);

/// <summary>A client broke the protocol; its stream ends.</summary>
internal sealed class ProtocolException(string message) : Exception(message);

/// <summary>
/// One aggregated stream: four subscriptions, and the order between them. Clusters come first, then their endpoints, listeners, routes; each kind
/// waits until what is before it has been acknowledged, and what has gone is taken away only when no route that the client uses names it any more.
/// So a client never has a route to something that it does not know (make before break; Envoy does not warm routes).
/// Safe for threads by its lock; no I/O.
/// </summary>
internal abstract class AdsSession
{
    /// <summary>A gRPC client refuses messages beyond 4 MiB; the rest goes with the next response.</summary>
    public const int ResponseBytesMax = 2 * 1024 * 1024;

    private readonly Subscription[] _types;
    private readonly string[] _nonces = ["", "", "", ""];
    private long _nonce;

    /// <param name="saysAll">Whether responses of the kinds that are sent whole hold everything that there is of them.</param>
    protected AdsSession(IXdsView view, Rejections rejections, TimeProvider clock, bool saysAll) =>
        _types =
        [
            .. from type in Enumerable.Range(0, XdsTypes.Count).Select(number => (XdsType)number)
               select new Subscription(type, view, rejections, clock, saysAll && type.IsWhole()),
        ];

    public Lock Gate { get; } = new();

    /// <summary>Requests with the nonce of a response that was not the last one.</summary>
    public long StaleNonces { get; private set; }

    public IReadOnlyList<Subscription> Types => _types;

    public Subscription this[XdsType type] => _types[(int)type];

    /// <summary>Something of a scope has changed: what came, went, or is another now.</summary>
    public void Touch(XdsType type, IEnumerable<string> names)
    {
        foreach (var name in names)
        {
            this[type].Touch(name);
        }
    }

    /// <summary>The next response, or null when there is nothing to say before the client speaks.</summary>
    public Outgoing? Next()
    {
        // Additions: a kind is looked at only when all before it are settled, so that order is kept by acknowledgements, not by luck.
        foreach (var type in _types)
        {
            if (type.IsUnderWay)
            {
                return null;
            }

            if (Respond(type, removals: false) is { } response)
            {
                return response;
            }
        }

        foreach (var type in _types.Reverse())
        {
            if (type.IsUnderWay || (type.IsDue && MayBeRoutedTo(type)))
            {
                return null;
            }

            if (Respond(type, removals: true) is { } response)
            {
                return response;
            }
        }

        return null;
    }

    /// <summary>Composes the response of one type out of what is due, or null.</summary>
    protected abstract Outgoing? Compose(Subscription type, IReadOnlyList<Item> due, IReadOnlyList<Item> unchanged, string nonce);

    /// <summary>What a response holds beside what is due.</summary>
    protected virtual IEnumerable<Item> Unchanged(Subscription type, IReadOnlyList<Item> due) => [];

    /// <summary>How much it takes of a response's bound.</summary>
    protected abstract int SizeOf(XdsType type, Item item);

    /// <summary>What a request says of the response before it; nothing, when it speaks of an older one.</summary>
    protected void Hear(Subscription type, string nonce, Google.Rpc.Status? error)
    {
        if (nonce.Length > 0 && nonce != _nonces[(int)type.Type])
        {
            StaleNonces++;
        }
        else if (nonce.Length > 0 && type.IsUnderWay)
        {
            if (error is null)
            {
                type.Acknowledge();
            }
            else
            {
                type.Reject(error.Message);
            }
        }
    }

    /// <summary>
    /// Older routes may name what has gone, so it is left to a client that goes by them: that has refused newer ones, or has come back with its clusters
    /// and has not asked for its routes yet.
    /// </summary>
    private bool MayBeRoutedTo(Subscription type) =>
        type.Type <= XdsType.Endpoint && (this[XdsType.Route].HasRefused || (type.IsResumed && !this[XdsType.Route].IsUsed));

    private Outgoing? Respond(Subscription type, bool removals)
    {
        if (!type.IsUsed)
        {
            return null;
        }

        var due = Bounded(type.Type, type.Due(removals));
        var nonce = $"{_nonce + 1:x}";
        IReadOnlyList<Item> unchanged = [.. Unchanged(type, due)];
        if (Compose(type, due, unchanged, nonce) is not { } response)
        {
            return null;
        }

        _nonce++;
        _nonces[(int)type.Type] = nonce;
        type.Sent(due, unchanged);
        if (type.Type == XdsType.Cluster)
        {
            // A changed cluster warms anew, and is ready only when its endpoints come again.
            foreach (var item in due.Where(item => item.Resource.Hash != 0))
            {
                this[XdsType.Endpoint].Repeat(item.Name);
            }
        }

        return response;
    }

    private List<Item> Bounded(XdsType type, List<Item> due)
    {
        var (bytes, count) = (0, 0);
        while (count < due.Count && (count == 0 || bytes < ResponseBytesMax))
        {
            bytes += SizeOf(type, due[count]);
            count++;
        }

        return count == due.Count ? due : due.GetRange(0, count);
    }
}
