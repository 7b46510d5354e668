namespace Fury.Providers.Gcp;

/// <summary>A page of a list. Compute Engine leaves out an empty list.</summary>
internal sealed record GcePage<T>
{
    public IReadOnlyList<T> Items { get; init; } = [];

    public string? NextPageToken { get; init; }
}

/// <summary>What is read of an instance; links are whole addresses.</summary>
internal sealed record GceInstance
{
    public string Name { get; init; } = "";

    public string Zone { get; init; } = "";

    public string MachineType { get; init; } = "";

    public string Status { get; init; } = "";

    public string? StatusMessage { get; init; }

    public Dictionary<string, string> Labels { get; init; } = [];

    public GceMetadata Metadata { get; init; } = new();

    public IReadOnlyList<GceInterface> NetworkInterfaces { get; init; } = [];

    public GceScheduling Scheduling { get; init; } = new();
}

internal sealed record GceMetadata
{
    public IReadOnlyList<GceMetadataItem> Items { get; init; } = [];

    public string? Find(string key) => Items.FirstOrDefault(item => item.Key == key)?.Value;
}

internal sealed record GceMetadataItem(string Key, string? Value);

internal sealed record GceInterface
{
    public string? NetworkIP { get; init; }
}

internal sealed record GceScheduling
{
    public string? ProvisioningModel { get; init; }
}

internal sealed record GceOperation
{
    /// <summary>Of all operations of Compute Engine.</summary>
    public const string Done = "DONE";

    public string Name { get; init; } = "";

    /// <summary><c>insert</c>, <c>delete</c>, <c>stop</c>, <c>compute.instances.preempted</c>, …</summary>
    public string OperationType { get; init; } = "";

    public string TargetLink { get; init; } = "";

    public string Status { get; init; } = "";

    public string? StatusMessage { get; init; }

    public DateTimeOffset InsertTime { get; init; }

    public GceErrors? Error { get; init; }
}

internal sealed record GceErrors
{
    public IReadOnlyList<GceError> Errors { get; init; } = [];
}

internal sealed record GceError(string Code, string? Message);

internal sealed record GceZone(string Name, string Region, string Status);

internal sealed record GceMachineType
{
    public string Name { get; init; } = "";

    public int GuestCpus { get; init; }

    public int MemoryMb { get; init; }

    /// <summary><c>X86_64</c> or <c>ARM64</c>; older ones do not say.</summary>
    public string? Architecture { get; init; }

    public GceDeprecation? Deprecated { get; init; }
}

internal sealed record GceDeprecation(string? State);
