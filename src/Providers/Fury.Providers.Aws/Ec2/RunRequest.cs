using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Fury.Kernel;
using Fury.Providers.Contracts;

namespace Fury.Providers.Aws.Ec2;

/// <summary>
/// A request as EC2 is asked for it. Pure and without chance or time: under a token that it knows EC2 takes nothing but the very same fields, so the same
/// request and settings give the same ones.
/// </summary>
internal static class RunRequest
{
    private const int UserDataMax = 16 * 1024;

    public static Outcome<Fields> Of(InstanceRequest request, InstanceType type, string userData, AwsOptions options)
    {
        var images = options.ImageIds.TryGetValue(request.Region, out var set) ? set : new();
        var image = type.Architecture == Architecture.Arm64 ? images.Arm64 : images.Amd64;
        if (image is null && options.LaunchTemplate is null)
        {
            var architecture = type.Architecture;
            return Fault.Invalid(
                $"{AwsOptions.Section}:ImageIds:{request.Region}:{architecture}",
                null,
                $"an image for {Word.Of(architecture)} such as ami-0abc, to make instances of it");
        }

        var boot = Encoding.UTF8.GetBytes(userData);
        if (boot.Length > UserDataMax)
        {
            return Fault.Invalid(
                "environment", $"{boot.Length} bytes of user data", $"short enough, with what else an instance boots with, for EC2's {UserDataMax} bytes");
        }

        var zone = request.Zone ?? Zone(request, type, options);
        var subnet = zone is not null && options.SubnetIds.TryGetValue(zone, out var id) ? id : null;
        return Fields.None
            .With("ClientToken", request.ClientToken)
            .With("MinCount", "1")
            .With("MaxCount", Number(request.Count))
            .With("InstanceType", type.Name)
            .With("ImageId", image)
            .With("LaunchTemplate.LaunchTemplateName", options.LaunchTemplate)
            .With("LaunchTemplate.Version", options.LaunchTemplate is null ? null : options.LaunchTemplateVersion)
            .With("SubnetId", subnet)
            .With("Placement.AvailabilityZone", subnet is null ? zone : null)
            .WithList("SecurityGroupId", options.SecurityGroupIds.TryGetValue(request.Region, out var groups) ? groups : [])
            .With(IsArn(options.InstanceProfile) ? "IamInstanceProfile.Arn" : "IamInstanceProfile.Name", options.InstanceProfile)
            .With("UserData", Convert.ToBase64String(boot))
            .With("InstanceInitiatedShutdownBehavior", "terminate")
            .With("MetadataOptions.HttpEndpoint", "enabled")
            .With("MetadataOptions.HttpTokens", "required")
            .With("MetadataOptions.HttpPutResponseHopLimit", Number(options.MetadataHopLimit))
            .With("InstanceMarketOptions.MarketType", request.Market == Market.Spot ? "spot" : null)
            .With("InstanceMarketOptions.SpotOptions.SpotInstanceType", request.Market == Market.Spot ? "one-time" : null)
            .With("InstanceMarketOptions.SpotOptions.InstanceInterruptionBehavior", request.Market == Market.Spot ? "terminate" : null)
            .WithTags(1, "instance", request.Tags)
            .WithTags(2, "volume", request.Tags);
    }

    private static Fields WithTags(this Fields fields, int number, string resource, IReadOnlyDictionary<string, string> tags)
    {
        var sorted = tags.OrderBy(tag => tag.Key, StringComparer.Ordinal).ToList();
        return sorted.Select((tag, index) => (tag, Name: $"TagSpecification.{number}.Tag.{index + 1}")).Aggregate(
            sorted.Count == 0 ? fields : fields.With($"TagSpecification.{number}.ResourceType", resource),
            (all, one) => all.With($"{one.Name}.Key", one.tag.Key).With($"{one.Name}.Value", one.tag.Value));
    }

    /// <summary>
    /// Where nobody asked for a zone and subnets are set, one of theirs: the same one for the same token, also when others come and go, since EC2 knows a
    /// token within its zone only. Null: EC2 chooses.
    /// </summary>
    private static string? Zone(InstanceRequest request, InstanceType type, AwsOptions options) =>
        type.Zones.Where(options.SubnetIds.ContainsKey).MinBy(zone => Rank(request.ClientToken, zone), StringComparer.Ordinal);

    private static string Rank(string token, string zone) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes($"{token}\n{zone}")));

    private static bool IsArn(string? name) => name?.StartsWith("arn:", StringComparison.Ordinal) == true;

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
