namespace Fury.Providers.Azure;

/// <summary>A page of a list.</summary>
internal sealed record AzurePage<T>
{
    public IReadOnlyList<T> Value { get; init; } = [];

    /// <summary>The whole address of the next one.</summary>
    public Uri? NextLink { get; init; }
}

/// <summary>An answer of which nothing is read.</summary>
internal sealed record AzureNothing;

internal sealed record AzureVm
{
    public string Id { get; init; } = "";

    public string Name { get; init; } = "";

    public string Location { get; init; } = "";

    public IReadOnlyList<string> Zones { get; init; } = [];

    public Dictionary<string, string> Tags { get; init; } = [];

    public AzureVmProperties Properties { get; init; } = new();
}

internal sealed record AzureVmProperties
{
    /// <summary><c>Creating</c>, <c>Updating</c>, <c>Succeeded</c>, <c>Failed</c>, <c>Deleting</c>.</summary>
    public string ProvisioningState { get; init; } = "";

    /// <summary><c>Spot</c>, or nothing.</summary>
    public string? Priority { get; init; }

    public AzureHardware HardwareProfile { get; init; } = new("");

    public AzureNetworkProfile NetworkProfile { get; init; } = new();

    /// <summary>Only where it was asked for.</summary>
    public AzureInstanceView? InstanceView { get; init; }
}

internal sealed record AzureHardware(string VmSize);

internal sealed record AzureNetworkProfile
{
    public IReadOnlyList<AzureReference> NetworkInterfaces { get; init; } = [];
}

/// <param name="Id">Capitals and small letters are the same in it.</param>
internal sealed record AzureReference(string Id);

internal sealed record AzureInstanceView
{
    public IReadOnlyList<AzureStatus> Statuses { get; init; } = [];
}

/// <param name="Code"><c>ProvisioningState/succeeded</c>, <c>ProvisioningState/failed/AllocationFailed</c>, <c>PowerState/running</c>, …</param>
internal sealed record AzureStatus(string Code, string? Message, DateTimeOffset? Time);

internal sealed record AzureNic
{
    public string Id { get; init; } = "";

    public AzureNicProperties Properties { get; init; } = new();
}

internal sealed record AzureNicProperties
{
    public AzureReference? VirtualMachine { get; init; }

    public IReadOnlyList<AzureIpConfiguration> IpConfigurations { get; init; } = [];
}

internal sealed record AzureIpConfiguration(AzureIpProperties? Properties);

internal sealed record AzureIpProperties(string? PrivateIPAddress);

internal sealed record AzureSku
{
    public string ResourceType { get; init; } = "";

    public string Name { get; init; } = "";

    public IReadOnlyList<AzureSkuLocation> LocationInfo { get; init; } = [];

    public IReadOnlyList<AzureCapability> Capabilities { get; init; } = [];

    public IReadOnlyList<AzureRestriction> Restrictions { get; init; } = [];

    public string? Find(string capability) => Capabilities.FirstOrDefault(one => one.Name == capability)?.Value;
}

internal sealed record AzureSkuLocation(string Location)
{
    public IReadOnlyList<string> Zones { get; init; } = [];
}

internal sealed record AzureCapability(string Name, string Value);

/// <param name="Type"><c>Location</c>: it cannot be had in the region; <c>Zone</c>: not in those zones.</param>
internal sealed record AzureRestriction(string Type, AzureRestrictionInfo? RestrictionInfo);

internal sealed record AzureRestrictionInfo
{
    public IReadOnlyList<string> Zones { get; init; } = [];
}
