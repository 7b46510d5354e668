using Microsoft.AspNetCore.Http;

namespace Fury.Testing.Clouds.Azure;

/// <summary>
/// What Azure takes. The Resource Manager counts what one identity does in a subscription, from where it calls and not where its machines are
/// (learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling): so regions share these. Behind it, the compute service
/// counts lists of machines (learn.microsoft.com/azure/virtual-machines/compute-throttling-limits, high cost get: 900, and 300 a minute). Its own limit of
/// creations, 1,500 in a region and 500 a minute, is wider than that of writes where machines are in two regions or more, and left out.
/// </summary>
public static class AzureLimits
{
    public const string Writes = "writes";
    public const string Deletes = "deletes";
    public const string Reads = "reads";
    public const string MachineLists = "machine-lists";

    public static IReadOnlyDictionary<string, CloudLimit> Published { get; } = new Dictionary<string, CloudLimit>
    {
        [Writes] = new(200, 10),
        [Deletes] = new(200, 10),
        [Reads] = new(250, 25),
        [MachineLists] = new(900, 5),
    };

    /// <summary>What the call takes.</summary>
    internal static IReadOnlyList<CloudToken> Of(HttpRequest request) =>
        HttpMethods.IsPut(request.Method) ? [new(Writes, "")]
        : HttpMethods.IsDelete(request.Method) ? [new(Deletes, "")]
        : request.Path.Value!.EndsWith("/virtualMachines", StringComparison.OrdinalIgnoreCase) ? [new(Reads, ""), new(MachineLists, "")]
        : [new(Reads, "")];
}
