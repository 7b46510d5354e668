using Fury.Kernel;
using Fury.Providers.Clouds;

namespace Fury.Providers.Azure;

/// <summary>
/// The calls of Azure that Fury makes, each by a fixed version of its API. Azure counts what one identity does in a subscription from where Fury is, so the
/// regions of instances share one pace for each kind of call.
/// </summary>
internal sealed class VmWire(AzureWire wire, AzureOptions options)
{
    public const string ComputeVersion = "2024-07-01";
    public const string NetworkVersion = "2024-05-01";
    public const string SkuVersion = "2021-07-01";

    private const string Expanded = "instanceView";

    /// <summary>Makes it, and changes none that is there: then it is <see cref="FaultKind.Stale"/>.</summary>
    public Task<Outcome<AzureVm>> Create(string name, object body, CancellationToken cancellation) => wire.Send<AzureVm>(
        new("azure/put", HttpMethod.Put, Vm(name), $"make instance '{name}'", body) { IfNoneMatch = "*", TurnMax = CloudCalls.CreationTurnMax }, cancellation);

    public Task<Outcome<AzureNothing>> Delete(string name, CancellationToken cancellation) => wire.Send<AzureNothing>(
        new("azure/delete", HttpMethod.Delete, Vm(name), $"delete instance '{name}'"), cancellation);

    public Task<Outcome<AzureVm>> Get(string name, CancellationToken cancellation) => wire.Send<AzureVm>(
        new("azure/get", HttpMethod.Get, Vm(name, ("$expand", Expanded)), $"look at instance '{name}'"), cancellation);

    public Task<Outcome<AzureNic>> GetNic(string id, CancellationToken cancellation) => wire.Send<AzureNic>(
        new("azure/get-nic", HttpMethod.Get, At(id.TrimStart('/'), NetworkVersion), $"look at network interface '{id}'"), cancellation);

    /// <summary>All of the resource group, of all regions, without what they do now.</summary>
    public Task<Outcome<List<AzureVm>>> List(CancellationToken cancellation) => wire.All<AzureVm>(
        new("azure/list", HttpMethod.Get, At($"{Group}/providers/Microsoft.Compute/virtualMachines", ComputeVersion), "list the instances"), cancellation);

    /// <summary>What all of the subscription do now.</summary>
    public Task<Outcome<List<AzureVm>>> Statuses(CancellationToken cancellation) => wire.All<AzureVm>(
        new(
            "azure/list",
            HttpMethod.Get,
            At($"subscriptions/{options.Subscription}/providers/Microsoft.Compute/virtualMachines", ComputeVersion, ("statusOnly", "true")),
            "list what instances do"),
        cancellation);

    public Task<Outcome<List<AzureNic>>> Nics(CancellationToken cancellation) => wire.All<AzureNic>(
        new("azure/list-nics", HttpMethod.Get, At($"{Group}/providers/Microsoft.Network/networkInterfaces", NetworkVersion), "list the network interfaces"),
        cancellation);

    public Task<Outcome<List<AzureSku>>> Skus(string region, CancellationToken cancellation) => wire.All<AzureSku>(
        new(
            "azure/skus",
            HttpMethod.Get,
            At($"subscriptions/{options.Subscription}/providers/Microsoft.Compute/skus", SkuVersion, ("$filter", $"location eq '{region}'")),
            $"list the sizes of '{region}'"),
        cancellation);

    private string Group => $"subscriptions/{options.Subscription}/resourceGroups/{options.ResourceGroup}";

    private Uri Vm(string name, params (string Name, object? Value)[] query) =>
        At($"{Group}/providers/Microsoft.Compute/virtualMachines/{name}", ComputeVersion, query);

    private Uri At(string path, string version, params (string Name, object? Value)[] query) =>
        new(options.Endpoint, path + Query.Of([("api-version", version), .. query]));
}
