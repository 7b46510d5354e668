using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Fury.LocalCluster;

/// <summary>The version of Kubernetes that a cluster has: which versions of which kinds it serves, and what else depends on it.</summary>
internal sealed class ClusterVersion
{
    public const int MinorMin = 22;
    public const int MinorMax = 35;

    /// <summary>Watch bookmarks that end the list of initial events, and <c>sendInitialEvents</c> with them, are served from here on.</summary>
    private const int InitialEventsFrom = 32;

    private const int TimeZonesFrom = 25;
    private const int PrefixedJobLabelsFrom = 27;

    private ClusterVersion(int minor)
    {
        Minor = minor;
        Served = [.. AllKinds.All.SelectMany(kind => kind.Versions.Where(version => version.IsIn(minor)).Select(version => new Served(kind, version)))];
    }

    private ClusterVersion(ClusterVersion version, IReadOnlyList<Served> served) => (Minor, Served) = (version.Minor, served);

    public int Minor { get; }

    /// <summary>Every kind in every version that this cluster serves; of one kind the preferred version first.</summary>
    public IReadOnlyList<Served> Served { get; }

    public bool HasInitialEvents => Minor >= InitialEventsFrom;

    /// <summary>Whether a CronJob's <c>timeZone</c> is kept; before, it is dropped as any field that is not known.</summary>
    public bool HasTimeZones => Minor >= TimeZonesFrom;

    /// <summary>Whether the labels of a job's pods have the prefix of their group too.</summary>
    public bool HasPrefixedJobLabels => Minor >= PrefixedJobLabelsFrom;

    /// <summary>As <c>/version</c> tells it. The part behind the plus sign says what it really is.</summary>
    public string GitVersion => $"v1.{Minor}.0+fury.localcluster";

    /// <summary>E.g. <c>1.34</c>; a <c>v</c> before it and a patch version behind it are left aside.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out ClusterVersion? version)
    {
        version = text.Split('.') is ["1" or "v1", var minorText, ..]
            && int.TryParse(minorText, NumberStyles.None, CultureInfo.InvariantCulture, out var minor)
            && minor is >= MinorMin and <= MinorMax
            ? new(minor)
            : null;
        return version is not null;
    }

    /// <summary>The same of a cluster in which nothing is measured.</summary>
    public ClusterVersion WithoutMetrics() => new(this, [.. Served.Where(served => !served.Kind.IsMeasured)]);

    public Served? Find(string group, string version, string plural) =>
        Served.FirstOrDefault(served => served.Kind.Plural == plural && served.Version.Name == version && served.Kind.Group == group);

    public override string ToString() => $"1.{Minor}";
}

/// <summary>A kind in one of the versions that a cluster serves.</summary>
internal sealed record Served(Kind Kind, ServedVersion Version)
{
    public string ApiVersion { get; } = Kind.ApiVersion(Version);

    /// <summary>How an object of it begins; what follows are its stored bytes without their opening brace.</summary>
    public byte[] Prefix { get; } = System.Text.Encoding.UTF8.GetBytes($$"""{"kind":"{{Kind.Name}}","apiVersion":"{{Kind.ApiVersion(Version)}}",""");

    /// <summary>Whether the stored bytes are what is served, so that they need not be read to be written.</summary>
    public bool IsStoredForm => Version.FromStored is null;
}
