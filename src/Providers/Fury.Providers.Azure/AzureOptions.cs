namespace Fury.Providers.Azure;

/// <summary>Settings under <c>Fury:Azure</c>. Without a subscription or regions there is no such provider.</summary>
internal sealed class AzureOptions
{
    /// <summary>A UUID.</summary>
    public string Subscription { get; set; } = "";

    /// <summary>By their short names, e.g. <c>westeurope</c>.</summary>
    public IList<string> Regions { get; set; } = [];

    /// <summary>Holds Fury's instances, of all regions, and nothing of anybody else.</summary>
    public string ResourceGroup { get; set; } = "";

    public Uri Endpoint { get; set; } = new("https://management.azure.com/");

    /// <summary>Of tokens; another one in the clouds of some countries.</summary>
    public Uri Audience { get; set; } = new("https://management.azure.com/");

    public Uri Authority { get; set; } = new("https://login.microsoftonline.com/");

    /// <summary>
    /// With <see cref="ClientId"/> and <see cref="ClientSecretFile"/>: of an application. Without a secret: the environment, a workload identity, or the
    /// machine's.
    /// </summary>
    public string? TenantId { get; set; }

    /// <summary>Of the application; without a secret, of the identity that the machine is to act as where it has several.</summary>
    public string? ClientId { get; set; }

    /// <summary>A file that holds the application's secret, so that no setting does.</summary>
    public string? ClientSecretFile { get; set; }

    /// <summary>By architecture, what instances boot: <c>publisher:offer:sku:version</c>, or the id of an image. Of generation 2.</summary>
    public IDictionary<string, string> Images { get; set; } = new Dictionary<string, string>
    {
        ["amd64"] = "Debian:debian-12:12-gen2:latest",
        ["arm64"] = "Debian:debian-12:12-arm64:latest",
    };

    /// <summary>By region, the id of the subnet that instances are in.</summary>
    public IDictionary<string, string> Subnets { get; set; } = new Dictionary<string, string>();

    /// <summary>By region, the id of their network security group; a region that is missing here: that of the subnet.</summary>
    public IDictionary<string, string> SecurityGroups { get; set; } = new Dictionary<string, string>();

    /// <summary>The id of the identity that instances have; null: none.</summary>
    public string? Identity { get; set; }

    /// <summary>Azure makes no Linux machine without a way in: whose private key this is may enter as <see cref="AdminUser"/>.</summary>
    public string SshPublicKey { get; set; } = "";

    public string AdminUser { get; set; } = "fury";

    public string DiskType { get; set; } = "StandardSSD_LRS";

    /// <summary>Null: as large as the image.</summary>
    public int? DiskGiB { get; set; }

    /// <summary>Secure boot and a virtual TPM, on amd64.</summary>
    public bool TrustedLaunch { get; set; } = true;

    /// <summary>Sizes that may be used, with <c>*</c> for any signs. None: <see cref="UsualSizes"/>.</summary>
    public IList<string> Sizes { get; set; } = [];

    /// <summary>Dollars an hour on demand, by size, or by region and size (<c>westeurope/Standard_D2s_v5</c>), which goes first.</summary>
    public IDictionary<string, decimal> Prices { get; set; } = new Dictionary<string, decimal>();

    /// <summary>As <see cref="Prices"/>, of spot instances.</summary>
    public IDictionary<string, decimal> SpotPrices { get; set; } = new Dictionary<string, decimal>();

    /// <summary>How long one that stopped by itself is kept, so that all hosts see why; then it is deleted.</summary>
    public TimeSpan StoppedKept { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Calls of one kind: Azure lets a subscription write 10 times a second, and has a store of 200.</summary>
    public double CallsPerSecond { get; set; } = 10;

    /// <summary>
    /// Calls that may be made at once after a rest. Less than Azure's store, by what comes back in the seconds that the first of them may be on their way:
    /// Azure begins to fill it again when they arrive, and the pace when they are sent.
    /// </summary>
    public int CallsBurst { get; set; } = 160;

    public TimeSpan CallTimeout { get; set; } = TimeSpan.FromSeconds(60);

    public static IReadOnlyList<string> UsualSizes { get; } =
    [
        "Standard_D*s_v5", "Standard_D*as_v5", "Standard_D*ps_v5", "Standard_D*s_v6", "Standard_D*as_v6", "Standard_D*ps_v6", "Standard_E*s_v5",
        "Standard_E*as_v5", "Standard_E*ps_v5", "Standard_F*s_v2",
    ];
}
