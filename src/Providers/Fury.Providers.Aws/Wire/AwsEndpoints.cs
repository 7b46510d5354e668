using Amazon;

namespace Fury.Providers.Aws.Wire;

/// <summary>
/// Where a service of a region answers: as the settings say, or as the variables that every AWS program knows say (<c>AWS_ENDPOINT_URL_EC2</c>, and
/// <c>AWS_ENDPOINT_URL</c> for all of them), or at its public address.
/// </summary>
internal sealed class AwsEndpoints(AwsOptions options, Func<string, string?> variable)
{
    public static readonly IReadOnlyList<string> Variables = ["AWS_ENDPOINT_URL_EC2", "AWS_ENDPOINT_URL_EKS", "AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL"];

    /// <summary>Whether it holds an address that may be used, or nothing.</summary>
    public static bool IsRight(string name, Func<string, string?> variable) => variable(name) is null or "" || Said(name, variable) is not null;

    /// <param name="service"><c>ec2</c>, <c>eks</c> or <c>sts</c>.</param>
    public Uri Of(string service, string region) => Set(service)
        ?? Said($"AWS_ENDPOINT_URL_{service.ToUpperInvariant()}", variable)
        ?? Said("AWS_ENDPOINT_URL", variable)
        ?? new($"https://{service}.{region}.{RegionEndpoint.GetBySystemName(region).PartitionDnsSuffix}/");

    private Uri? Set(string service) => service switch
    {
        "ec2" => options.Endpoints.Ec2,
        "eks" => options.Endpoints.Eks,
        _ => options.Endpoints.Sts,
    };

    private static Uri? Said(string name, Func<string, string?> variable) =>
        Uri.TryCreate(variable(name), UriKind.Absolute, out var address) && AwsRules.Endpoint(address, name) is null ? address : null;
}
