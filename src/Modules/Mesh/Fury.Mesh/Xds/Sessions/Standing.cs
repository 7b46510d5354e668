using Fury.Xds;

namespace Fury.Mesh.Xds;

/// <summary>Where one proxy stands with the routes of one scope.</summary>
internal enum Stage
{
    /// <summary>It routes by what there is now.</summary>
    Applied,

    /// <summary>It has not acknowledged yet.</summary>
    Waiting,

    /// <summary>It has refused, and goes by what it had.</summary>
    Rejected,
}

/// <param name="Since">When what it has not acknowledged was sent, or when it was refused.</param>
/// <param name="Detail">Which resource, and a refusal's own words.</param>
/// <param name="AckedAt">When it last acknowledged the scope's routes, as a timestamp of the clock.</param>
internal sealed record Standing(Stage Stage, DateTimeOffset Since, string Detail, long AckedAt)
{
    /// <summary>
    /// Null for a stream that has not subscribed to the scope's routes: it sends nothing there, and is not waited for. One that has must know
    /// the routes, and every cluster with weight and its endpoints: an acknowledged route to a cluster that is still on its way leads nowhere.
    /// </summary>
    public static Standing? Of(AdsSession session, IXdsView view, string scope, RenderedScope now, bool isEnvoy)
    {
        var route = isEnvoy ? MeshNames.Outbound : scope;
        if (!session[XdsType.Route].Covers(route) || (isEnvoy && !view.IsForAll(XdsType.Cluster, scope)))
        {
            return null;
        }

        var ackedAt = session[XdsType.Route].Of(route).AckedAt;
        return Behind(session[XdsType.Route], view.Find(XdsType.Route, route), ackedAt)
            ?? now.Serving
                .Select(cluster =>
                    Behind(session[XdsType.Cluster], view.Find(XdsType.Cluster, cluster), ackedAt)
                    ?? Behind(session[XdsType.Endpoint], view.Find(XdsType.Endpoint, cluster), ackedAt))
                .FirstOrDefault(behind => behind is not null)
            ?? new(Stage.Applied, default, "", ackedAt);
    }

    private static Standing? Behind(Subscription type, XdsResource? now, long ackedAt)
    {
        if (now is null || type.Of(now.Name) is { Acked: { } acked } held && (IsSettled(held, acked, now) || IsGoodEnough(type, acked, now)))
        {
            return null;
        }

        return type.RejectionOf(now) is { } rejection
            ? new(Stage.Rejected, rejection.At, $"{type.Type} {now.Name}: {rejection.Error}", ackedAt)
            : new(Stage.Waiting, type.UnderWaySince, $"{type.Type} {now.Name} is not acknowledged", ackedAt);
    }

    /// <summary>
    /// It has acknowledged what there is now, and nothing else is on its way: what was sent in between may still be taken into use, at any moment.
    /// </summary>
    private static bool IsSettled(Held held, XdsResource acked, XdsResource now) =>
        acked.Hash == now.Hash && (held.Sent is null || held.Sent.Hash == now.Hash);

    /// <summary>Endpoints come and go all the time: a proxy that has some of them can send, and need not have the last.</summary>
    private static bool IsGoodEnough(Subscription type, XdsResource acked, XdsResource now) =>
        type.Type == XdsType.Endpoint && acked.Hash != 0 && (now.IsEmpty || !(acked.IsEmpty || acked.IsForeign));
}
