namespace Fury.Providers.Gcp;

/// <summary>Settings under <c>Fury:Gcp</c>. Without a project or regions there is no such provider.</summary>
internal sealed class GcpOptions
{
    /// <summary>The project's id, e.g. <c>shop-production</c>.</summary>
    public string Project { get; set; } = "";

    /// <summary>E.g. <c>europe-west1</c>.</summary>
    public IList<string> Regions { get; set; } = [];

    /// <summary>
    /// By region, the zones over which instances are spread that name none, e.g. <c>europe-west1-b</c>; a region that is missing here: all that offer the
    /// type. Zones that are written down stay the same while Google opens and closes some.
    /// </summary>
    public IDictionary<string, string[]> Zones { get; set; } = new Dictionary<string, string[]>();

    public Uri Endpoint { get; set; } = new("https://compute.googleapis.com/");

    public Uri ContainerEndpoint { get; set; } = new("https://container.googleapis.com/");

    /// <summary>
    /// A file of one of the kinds that Google issues: service account, workload identity federation, impersonation, user. Null: the application default
    /// credentials, which end with the metadata server of the machine.
    /// </summary>
    public string? CredentialFile { get; set; }

    /// <summary>Asked for tokens instead of the endpoint that <see cref="CredentialFile"/> names.</summary>
    public Uri? TokenEndpoint { get; set; }

    /// <summary>By architecture, what instances boot: an image, or the newest of a family.</summary>
    public IDictionary<string, string> Images { get; set; } = new Dictionary<string, string>
    {
        ["amd64"] = "projects/debian-cloud/global/images/family/debian-12",
        ["arm64"] = "projects/debian-cloud/global/images/family/debian-12-arm64",
    };

    public string Network { get; set; } = "global/networks/default";

    /// <summary>By region, e.g. <c>regions/europe-west1/subnetworks/instances</c>; a region that is missing here: the network's own choice.</summary>
    public IDictionary<string, string> Subnetworks { get; set; } = new Dictionary<string, string>();

    /// <summary>What firewall rules know instances by.</summary>
    public IList<string> NetworkTags { get; set; } = [];

    /// <summary>True: instances get an address of the internet too.</summary>
    public bool ExternalAddress { get; set; }

    /// <summary>Whom instances act as at Google, an e-mail address; null: nobody.</summary>
    public string? ServiceAccount { get; set; }

    /// <summary>What they may do at most, as that account. None: all that it may do.</summary>
    public IList<string> ServiceAccountScopes { get; set; } = [];

    public int DiskGiB { get; set; } = 10;

    /// <summary>E.g. <c>pd-ssd</c>; null: what the machine type takes.</summary>
    public string? DiskType { get; set; }

    /// <summary>Machine types that may be used, with <c>*</c> for any signs. None: <see cref="UsualTypes"/>.</summary>
    public IList<string> MachineTypes { get; set; } = [];

    /// <summary>
    /// Dollars an hour on demand, by machine type (<c>e2-medium</c>), or by region and machine type (<c>europe-west1/e2-medium</c>), which goes first. Compute
    /// Engine tells no prices.
    /// </summary>
    public IDictionary<string, decimal> Prices { get; set; } = new Dictionary<string, decimal>();

    /// <summary>As <see cref="Prices"/>, of spot instances.</summary>
    public IDictionary<string, decimal> SpotPrices { get; set; } = new Dictionary<string, decimal>();

    /// <summary>Calls of one kind to one region. Google counts by the minute, 1,500 of most kinds unless it was asked for more.</summary>
    public double CallsPerSecond { get; set; } = 20;

    /// <summary>Calls that may be made at once after a rest.</summary>
    public int CallsBurst { get; set; } = 250;

    public TimeSpan CallTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>None with a part of a CPU: how fast it is depends on what it used before, which a comparison of versions would see.</summary>
    public static IReadOnlyList<string> UsualTypes { get; } =
    [
        "e2-standard-*", "e2-highmem-*", "e2-highcpu-*", "n2-standard-*", "n2-highmem-*", "n2d-standard-*", "n2d-highmem-*", "t2d-standard-*",
        "t2a-standard-*", "c4a-standard-*",
    ];
}
