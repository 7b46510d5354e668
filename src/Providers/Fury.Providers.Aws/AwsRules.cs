using System.Text.RegularExpressions;
using Fury.Kernel;
using Fury.Providers.Aws.Ec2;
using Fury.Providers.Aws.Wire;
using Fury.Providers.Clouds;
using Microsoft.Extensions.Options;

namespace Fury.Providers.Aws;

/// <summary>What settings must be, so that a wrong one stops the start and not the hundredth deployment.</summary>
/// <param name="variable">Of this process's environment.</param>
internal sealed partial class AwsRules(Func<string, string?> variable) : IValidateOptions<AwsOptions>
{
    private const int RegionsMax = 50;
    private const string EndpointExpected = "an https address, or an http one of this machine";

    /// <summary>
    /// Burst and calls a second, as EC2 and EKS publish them for an account and region. Of the bursts of creations a little is left: EC2 begins to fill its
    /// buckets again when the first calls arrive, and the pace when they are sent. Instances are counted besides the calls that ask for them.
    /// </summary>
    public static readonly IReadOnlyDictionary<string, PaceLimit> Rates = new Dictionary<string, PaceLimit>
    {
        ["run"] = new(PerSecond: 2, Burst: 3),
        ["run-instances"] = new(PerSecond: 2, Burst: 990),
        ["terminate"] = new(PerSecond: 5, Burst: 100),
        ["describe"] = new(PerSecond: 20, Burst: 100),
        ["clusters"] = new(PerSecond: 2, Burst: 10),
    };

    /// <summary>The pace of a target, e.g. <c>aws/eu-west-1/run</c>.</summary>
    public static PaceLimit RateOf(string target, AwsOptions options)
    {
        var kind = target[(target.LastIndexOf('/') + 1)..];
        return options.Rates.TryGetValue(kind, out var set) ? new(set.PerSecond, set.Burst) : Rates[kind];
    }

    public ValidateOptionsResult Validate(string? name, AwsOptions options)
    {
        var wrong = Wrong(options).ToList();
        return wrong.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(wrong);
    }

    private IEnumerable<string> Wrong(AwsOptions options)
    {
        string?[] rules =
        [
            Rule(options.Regions.Count <= RegionsMax && options.Regions.All(Region().IsMatch), "Regions", $"at most {RegionsMax} names such as eu-west-1"),
            Rule(options.Regions.Distinct().Count() == options.Regions.Count, "Regions", "named once each"),
            Rule(options.RoleArn is null || Role().IsMatch(options.RoleArn), "RoleArn", "such as arn:aws:iam::123456789012:role/fury"),
            Rule(Session().IsMatch(options.RoleSessionName), "RoleSessionName", "2 to 64 letters, digits or any of _ = , . @ -"),
            Rule(options.ExternalId is null || options.RoleArn is not null, "ExternalId", "left out where there is no RoleArn"),
            Rule(options.ImageIds.Keys.All(options.Regions.Contains), "ImageIds", "by region, each one of Regions"),
            Rule(options.ImageIds.Values.All(IsImages), "ImageIds", "image ids such as ami-0abc, or resolve:ssm: and the name of a parameter"),
            Rule(options.SubnetIds.Keys.All(zone => RegionOf(zone, options) is not null), "SubnetIds", "by zone, each of one of Regions"),
            Rule(options.SubnetIds.Values.All(id => Id("subnet").IsMatch(id)), "SubnetIds", "subnet ids such as subnet-0abc"),
            Rule(options.SecurityGroupIds.Keys.All(options.Regions.Contains), "SecurityGroupIds", "by region, each one of Regions"),
            Rule(options.SecurityGroupIds.Values.SelectMany(ids => ids).All(id => Id("sg").IsMatch(id)), "SecurityGroupIds", "ids such as sg-0abc"),
            Rule(options.InstanceTypes.All(Pattern().IsMatch), "InstanceTypes", "types such as m7i.large, with * for anything"),
            Rule(options.InstanceTypes.Count <= AwsTypes.PatternsMax, "InstanceTypes", $"at most {AwsTypes.PatternsMax}"),
            Rule(options.Prices.Values.All(price => price > 0), "Prices", "more than 0 dollars"),
            Rule(options.MetadataHopLimit is >= 1 and <= 64, "MetadataHopLimit", "1 to 64"),
            Rule(options.Rates.Keys.All(Rates.ContainsKey), "Rates", $"by kind of call: {string.Join(", ", Rates.Keys)}"),
            Rule(options.Rates.Values.All(rate => rate is { PerSecond: > 0, Burst: >= 1 }), "Rates", "more than 0 PerSecond and at least 1 Burst"),
            Endpoint(options.Endpoints.Ec2, "Endpoints:Ec2"),
            Endpoint(options.Endpoints.Eks, "Endpoints:Eks"),
            Endpoint(options.Endpoints.Sts, "Endpoints:Sts"),
        ];
        return rules.OfType<string>().Concat(AwsEndpoints.Variables.Where(name => !AwsEndpoints.IsRight(name, variable)).Select(name =>
            $"The environment variable {name} must be {EndpointExpected}."));
    }

    /// <summary>The region of a zone such as <c>eu-west-1a</c> or <c>us-west-2-lax-1a</c>; null where none of the settings' is.</summary>
    public static string? RegionOf(string zone, AwsOptions options) =>
        options.Regions.Where(region => zone.Length > region.Length && zone.StartsWith(region, StringComparison.Ordinal)).MaxBy(region => region.Length);

    /// <summary>Null where it is right. What an instance boots with must not cross a network in clear.</summary>
    public static string? Endpoint(Uri? address, string field) => Rule(
        address is null || (address.IsAbsoluteUri && (address.Scheme == "https" || (address.Scheme == "http" && Loopback.Is(address.Host)))),
        field,
        EndpointExpected);

    private static string? Rule(bool holds, string field, string expected) => holds ? null : $"{AwsOptions.Section}:{field} must be {expected}.";

    private static bool IsImages(AwsImages images) => new[] { images.Amd64, images.Arm64 }.OfType<string>().All(id => Image().IsMatch(id));

    private static Regex Id(string kind) => kind == "sg" ? Group() : Subnet();

    [GeneratedRegex(@"^[a-z]{2,3}(-[a-z]+)+-[0-9]\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Region();

    [GeneratedRegex(@"^arn:[a-z0-9-]+:iam::[0-9]{12}:role/[\x21-\x7e]{1,512}\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Role();

    [GeneratedRegex(@"^[A-Za-z0-9_+=,.@-]{2,64}\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Session();

    [GeneratedRegex(@"^(ami-[0-9a-f]+|resolve:ssm:[A-Za-z0-9_./:-]+)\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Image();

    [GeneratedRegex(@"^subnet-[0-9a-f]+\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Subnet();

    [GeneratedRegex(@"^sg-[0-9a-f]+\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Group();

    [GeneratedRegex(@"^[a-z0-9*-]+\.[a-z0-9*-]+\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Pattern();
}
