using Amazon;
using Amazon.Runtime;
using Amazon.Runtime.CredentialManagement;
using Amazon.Runtime.Credentials;
using Amazon.SecurityToken;
using Fury.Providers.Aws.Wire;

namespace Fury.Providers.Aws.Access;

/// <summary>The sources of credentials, as the SDK looks at them, and the role that is taken on with what they give.</summary>
internal static class AwsChain
{
    public static Func<Task<AWSCredentials>> Of(AwsOptions options, Func<string, string?> variable)
    {
        if (options.RoleArn is null)
        {
            return () => Source(options);
        }

        // One for all calls: it holds what the role was given until shortly before its end.
        var role = new RoleCredentials(() => Source(options), options, new AwsEndpoints(options, variable));
        return () => Task.FromResult<AWSCredentials>(role);
    }

    private static async Task<AWSCredentials> Source(AwsOptions options)
    {
        if (options.Profile is not { } profile)
        {
            return await DefaultAWSCredentialsIdentityResolver.GetCredentialsAsync(Config(options));
        }

        return new CredentialProfileStoreChain().TryGetAWSCredentials(profile, out var found)
            ? found
            : throw new NoProfileException(profile);
    }

    private static AmazonSecurityTokenServiceConfig Config(AwsOptions options) => new() { RegionEndpoint = RegionEndpoint.GetBySystemName(options.Regions[0]) };
}

/// <summary>The shared configuration files do not have it.</summary>
internal sealed class NoProfileException(string profile) : Exception($"there is no profile '{profile}'");

/// <summary>What the token service gives for a role, renewed in time. The SDK's own class for it cannot be told where the service is.</summary>
internal sealed class RoleCredentials : RefreshingAWSCredentials
{
    private readonly Func<Task<AWSCredentials>> _source;
    private readonly AwsOptions _options;
    private readonly AwsEndpoints _endpoints;

    public RoleCredentials(Func<Task<AWSCredentials>> source, AwsOptions options, AwsEndpoints endpoints)
    {
        (_source, _options, _endpoints) = (source, options, endpoints);
        PreemptExpiryTime = TimeSpan.FromMinutes(5);
    }

    protected override CredentialsRefreshState GenerateNewCredentials() => GenerateNewCredentialsAsync().GetAwaiter().GetResult();

    protected override async Task<CredentialsRefreshState> GenerateNewCredentialsAsync()
    {
        var config = new AmazonSecurityTokenServiceConfig
        {
            ServiceURL = _endpoints.Of("sts", _options.Regions[0]).ToString(),
            AuthenticationRegion = _options.Regions[0],
            Timeout = TimeSpan.FromSeconds(10),
        };
        using var service = new AmazonSecurityTokenServiceClient(await _source(), config);
        var answer = await service.AssumeRoleAsync(new()
        {
            RoleArn = _options.RoleArn,
            RoleSessionName = _options.RoleSessionName,
            ExternalId = _options.ExternalId,
        });
        var given = answer.Credentials;
        return new(new(given.AccessKeyId, given.SecretAccessKey, given.SessionToken), given.Expiration!.Value.ToUniversalTime());
    }
}
