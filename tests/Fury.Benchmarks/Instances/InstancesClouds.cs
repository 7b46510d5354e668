using Fury.Testing;
using Fury.Testing.Aws;
using Fury.Testing.Clouds.Azure;
using Fury.Testing.Clouds.Gcp;

namespace Fury.Benchmarks.Instances;

/// <summary>
/// Three clouds with three regions each: the strict fakes of the tests, so that the providers' whole wire runs, with the limits that the clouds publish. What
/// they do not publish is set here, and much the same at all three: how long an answer takes and an instance boots.
/// </summary>
internal sealed class InstancesClouds : IAsyncDisposable
{
    public const string Everywhere = "everywhere";

    /// <summary>Between a creation that is taken and an instance that runs.</summary>
    public static readonly TimeSpan Boot = TimeSpan.FromSeconds(30);

    public static readonly TimeSpan ReadTakes = TimeSpan.FromMilliseconds(300);
    public static readonly TimeSpan WriteTakes = TimeSpan.FromMilliseconds(1200);

    /// <summary>Regions by provider; an area of each provider's name has its regions, and <see cref="Everywhere"/> has all.</summary>
    public static readonly IReadOnlyDictionary<string, string[]> Regions = new Dictionary<string, string[]>
    {
        ["aws"] = ["us-east-1", "us-west-2", "eu-west-1"],
        ["gcp"] = ["us-east4", "us-central1", "europe-west1"],
        ["azure"] = ["westeurope", "northeurope", "swedencentral"],
    };

    private readonly string _folder = Directory.CreateTempSubdirectory("fury-bench-instances-").FullName;

    private InstancesClouds(FakeAws aws, FakeGoogle google, FakeAzure azure)
    {
        (Aws, Google, Azure) = (aws, google, azure);
        aws.Traffic = Traffic(Ec2Limits.Published);
        google.Traffic = Traffic(GceLimits.Published);
        azure.Traffic = Traffic(AzureLimits.Published);
        (aws.BootTakes, google.BootTakes, azure.BootTakes) = (Boot, Boot, Boot);
    }

    public FakeAws Aws { get; }

    public FakeGoogle Google { get; }

    public FakeAzure Azure { get; }

    public static async Task<InstancesClouds> Start() => new(await FakeAws.Start(), await FakeGoogle.Start(), await FakeAzure.Start());

    /// <summary>Calls so far that look at instances, by provider.</summary>
    public IReadOnlyDictionary<string, int> Looks() => new Dictionary<string, int>
    {
        ["aws"] = Aws.Traffic!.Calls(Ec2Limits.Describe),
        ["gcp"] = Google.Traffic!.Calls(GceLimits.List) + Google.Traffic.Calls(GceLimits.Get),
        ["azure"] = Azure.Traffic!.Calls(AzureLimits.Reads),
    };

    /// <summary>Calls so far that were refused as too many.</summary>
    public int Refused() => Aws.Traffic!.Refused + Google.Traffic!.Refused + Azure.Traffic!.Refused;

    /// <summary>Instances that were made, by provider.</summary>
    public IReadOnlyDictionary<string, int> Made() => new Dictionary<string, int> { ["aws"] = Aws.Made, ["gcp"] = Google.Made, ["azure"] = Azure.Made };

    /// <summary>What a host is told to find them: the defaults, but for what names things.</summary>
    public Dictionary<string, string?> Settings()
    {
        var secret = Path.Combine(_folder, "secret");
        File.WriteAllText(secret, FakeAzure.Secret);
        var user = Aws.User("fury");
        Environment.SetEnvironmentVariable("AWS_ACCESS_KEY_ID", user.AccessKey);
        Environment.SetEnvironmentVariable("AWS_SECRET_ACCESS_KEY", user.Secret);
        Dictionary<string, string?> settings = new()
        {
            ["Fury:Aws:Endpoints:Ec2"] = $"{Aws.Address}",
            ["Fury:Aws:Endpoints:Eks"] = $"{Aws.Address}",
            ["Fury:Aws:Endpoints:Sts"] = $"{Aws.Address}",
            ["Fury:Aws:InstanceTypes:0"] = "m7i.*",
            ["Fury:Gcp:Project"] = FakeGoogle.Project,
            ["Fury:Gcp:Endpoint"] = $"{Google.Home}",
            ["Fury:Gcp:ContainerEndpoint"] = $"{Google.Home}",
            ["Fury:Gcp:CredentialFile"] = Google.CredentialFile,
            ["Fury:Gcp:MachineTypes:0"] = "n2-*",
            ["Fury:Azure:Subscription"] = FakeAzure.Subscription,
            ["Fury:Azure:ResourceGroup"] = FakeAzure.GroupName,
            ["Fury:Azure:Endpoint"] = $"{Azure.Home}",
            ["Fury:Azure:Authority"] = $"{Providers.Azure.Tests.LoopbackAuthority.Authority}",
            ["Fury:Azure:TenantId"] = FakeAzure.Tenant,
            ["Fury:Azure:ClientId"] = FakeAzure.Client,
            ["Fury:Azure:ClientSecretFile"] = secret,
            ["Fury:Azure:SshPublicKey"] = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA operators",
            ["Fury:DataFolder"] = _folder,
            ["Mesh:Xds:Listen"] = "http://127.0.0.1:0",
        };
        foreach (var (cloud, regions) in Regions)
        {
            foreach (var (number, region) in regions.Index())
            {
                settings[$"Fury:{cloud}:Regions:{number}"] = region;
                settings[$"Fury:Standard:Areas:{cloud}:{number}"] = $"{cloud}/{region}";
                settings[$"Fury:Standard:Areas:{Everywhere}:{cloud}{number}"] = $"{cloud}/{region}";
            }
        }

        foreach (var region in Regions["aws"])
        {
            settings[$"Fury:Aws:ImageIds:{region}:Amd64"] = FakeAws.ImageAmd64;
            settings[$"Fury:Aws:ImageIds:{region}:Arm64"] = FakeAws.ImageArm64;
            settings[$"Fury:Aws:SecurityGroupIds:{region}:0"] = FakeAws.SecurityGroup;
        }

        foreach (var region in Regions["azure"])
        {
            settings[$"Fury:Azure:Subnets:{region}"] =
                $"/subscriptions/{FakeAzure.Subscription}/resourceGroups/network/providers/Microsoft.Network/virtualNetworks/{region}/subnets/instances";
        }

        return settings;
    }

    public async ValueTask DisposeAsync()
    {
        await Aws.DisposeAsync();
        await Google.DisposeAsync();
        await Azure.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static CloudTraffic Traffic(IReadOnlyDictionary<string, CloudLimit> limits) =>
        new(limits, TimeProvider.System) { ReadTakes = ReadTakes, WriteTakes = WriteTakes };
}

internal static class Counts
{
    public static IReadOnlyDictionary<string, int> Since(this IReadOnlyDictionary<string, int> now, IReadOnlyDictionary<string, int> before) =>
        now.ToDictionary(one => one.Key, one => one.Value - before[one.Key]);
}
