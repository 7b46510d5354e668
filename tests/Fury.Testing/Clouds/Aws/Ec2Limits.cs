namespace Fury.Testing.Aws;

/// <summary>
/// What EC2 takes of an account in a region, by bucket: the name of the call, and behind it <see cref="Resources"/> where instances are counted too. Source:
/// docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html, request and resource token buckets.
/// </summary>
public static class Ec2Limits
{
    public const string Run = "RunInstances";
    public const string Terminate = "TerminateInstances";
    public const string Describe = "DescribeInstances";

    /// <summary>The second bucket of a call, which counts instances.</summary>
    public const string Resources = "/resources";

    public static IReadOnlyDictionary<string, CloudLimit> Published { get; } = new Dictionary<string, CloudLimit>
    {
        [Run] = new(5, 2),
        [Run + Resources] = new(1000, 2),
        [Terminate] = new(100, 5),
        [Terminate + Resources] = new(1000, 20),
        [Describe] = new(100, 20),
        ["DescribeInstanceTypes"] = new(100, 20),
        ["DescribeInstanceTypeOfferings"] = new(100, 20),
        ["DescribeSpotPriceHistory"] = new(100, 20),
    };

    /// <summary>What the call takes.</summary>
    internal static IReadOnlyList<CloudToken> Of(string region, IEnumerable<KeyValuePair<string, string>> form)
    {
        var fields = form.ToLookup(pair => pair.Key, pair => pair.Value);
        var action = fields["Action"].FirstOrDefault() ?? "";
        var instances = action switch
        {
            Run => int.TryParse(fields["MaxCount"].FirstOrDefault(), out var count) ? count : 1,
            Terminate => fields.Count(field => field.Key.StartsWith("InstanceId.", StringComparison.Ordinal)),
            _ => 0,
        };
        return instances == 0 ? [new(action, region)] : [new(action, region), new(action + Resources, region, instances)];
    }
}
