using Microsoft.AspNetCore.Http;

namespace Fury.Testing.Clouds.Gcp;

/// <summary>
/// What Compute Engine takes of a project in a region: 1,500 calls a minute of each kind (cloud.google.com/compute/api-quota, the defaults of the metrics
/// default_per_region, read_requests_per_region and list_requests_per_region). Google fills a quota with each new minute; here it fills steadily.
/// </summary>
public static class GceLimits
{
    public const string Change = "change";
    public const string Get = "get";
    public const string List = "list";

    private const int ZonePart = 5;
    private const int NamePart = 7;
    private static readonly CloudLimit PerMinute = new(1500, 25);

    public static IReadOnlyDictionary<string, CloudLimit> Published { get; } =
        new Dictionary<string, CloudLimit> { [Change] = PerMinute, [Get] = PerMinute, [List] = PerMinute };

    /// <summary>What the call takes.</summary>
    internal static IReadOnlyList<CloudToken> Of(HttpRequest request)
    {
        var parts = request.Path.Value!.Trim('/').Split('/');
        var region = parts.Length > ZonePart ? GceWorld.RegionOf(parts[ZonePart]) : "";
        return [new(!HttpMethods.IsGet(request.Method) ? Change : parts.Length > NamePart ? Get : List, region)];
    }
}
