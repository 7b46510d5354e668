using Fury.Providers.Aws.Ec2;

namespace Fury.Providers.Aws;

/// <summary>Settings under <c>Fury:Aws</c>; what each is for is in <c>docs/clouds.md</c>.</summary>
internal sealed class AwsOptions
{
    public const string Section = "Fury:Aws";

    /// <summary>E.g. <c>eu-west-1</c>. None: there is no such provider.</summary>
    public IList<string> Regions { get; } = [];

    /// <summary>Where the services answer instead of at their public addresses.</summary>
    public AwsEndpointOptions Endpoints { get; } = new();

    /// <summary>Of the shared configuration files; null: the chain of sources that every AWS program has.</summary>
    public string? Profile { get; set; }

    /// <summary>Taken on with the credentials found; null: they are used as they are.</summary>
    public string? RoleArn { get; set; }

    /// <summary>What the role's trust policy asks for.</summary>
    public string? ExternalId { get; set; }

    public string RoleSessionName { get; set; } = "fury";

    /// <summary>By region. Needed for each architecture that is asked for, unless the launch template names one.</summary>
    public IDictionary<string, AwsImages> ImageIds { get; } = new Dictionary<string, AwsImages>();

    /// <summary>By zone. Where a region has any, instances are made in its zones that are named here only; where not, in its default subnets.</summary>
    public IDictionary<string, string> SubnetIds { get; } = new Dictionary<string, string>();

    /// <summary>By region. None: the default one of the network.</summary>
    public IDictionary<string, string[]> SecurityGroupIds { get; } = new Dictionary<string, string[]>();

    /// <summary>Name or ARN of what instances may do themselves; null: nothing.</summary>
    public string? InstanceProfile { get; set; }

    /// <summary>Name of a template of each region for what is not said here, e.g. disks; what is said here wins. Null: none.</summary>
    public string? LaunchTemplate { get; set; }

    /// <summary>A number, so that a request under a known token stays the same when the template changes, or <c>$Default</c>.</summary>
    public string LaunchTemplateVersion { get; set; } = "$Default";

    /// <summary>Types that may be chosen, <c>*</c> standing for anything. None: <see cref="AwsTypes.PatternsDefault"/>.</summary>
    public IList<string> InstanceTypes { get; } = [];

    /// <summary>
    /// Dollars an hour on demand by type. EC2 has no API that tells them; those of types that are missing here are unknown, and such types come last.
    /// </summary>
    public IDictionary<string, decimal> Prices { get; } = new Dictionary<string, decimal>();

    /// <summary>Network hops that an answer of the metadata service may take: 1 keeps it from containers in the instance.</summary>
    public int MetadataHopLimit { get; set; } = 1;

    /// <summary>By kind of call (<c>run</c>, <c>terminate</c>, <c>describe</c>, <c>clusters</c>), for each region.</summary>
    public IDictionary<string, AwsRate> Rates { get; } = new Dictionary<string, AwsRate>();
}

internal sealed class AwsEndpointOptions
{
    public Uri? Ec2 { get; set; }

    public Uri? Eks { get; set; }

    public Uri? Sts { get; set; }
}

/// <summary>Image ids, or <c>resolve:ssm:</c> and the name of a parameter, which EC2 itself looks up.</summary>
internal sealed class AwsImages
{
    public string? Amd64 { get; set; }

    public string? Arm64 { get; set; }
}

/// <summary>Calls a second, and at once after a rest.</summary>
internal sealed class AwsRate
{
    public double PerSecond { get; set; }

    public double Burst { get; set; }
}
