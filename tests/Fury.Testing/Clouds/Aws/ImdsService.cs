using System.Globalization;
using System.Text.Json;

namespace Fury.Testing.Aws;

/// <summary>The metadata service of an instance, version 2 only: a token first, then everything with it.</summary>
internal sealed class ImdsService(AwsIdentities identities)
{
    public const string Role = "fury-host";
    private const string Token = "an-imds-token";

    /// <summary>Whether the instance may do anything by itself.</summary>
    public bool HasRole { get; set; }

    public (int Status, string Text) Answer(AwsCall call) => (call.Method, call.Path) switch
    {
        ("PUT", "/latest/api/token") => call.Headers.ContainsKey("x-aws-ec2-metadata-token-ttl-seconds") ? (200, Token) : (400, ""),
        _ when call.Headers.GetValueOrDefault("x-aws-ec2-metadata-token") != Token => (401, ""),
        _ when !HasRole => (404, ""),
        ("GET", "/latest/meta-data/iam/security-credentials" or "/latest/meta-data/iam/security-credentials/") => (200, Role),
        ("GET", "/latest/meta-data/iam/info") => (200, $$"""{"Code":"Success","LastUpdated":"2026-01-01T00:00:00Z","InstanceProfileArn":"{{Role}}"}"""),
        ("GET", $"/latest/meta-data/iam/security-credentials/{Role}") => (200, Credentials()),
        _ => (404, ""),
    };

    private string Credentials()
    {
        var keys = identities.Session($"arn:aws:sts::{AwsIdentities.Account}:assumed-role/{Role}/i-0123456789abcdef0");
        return JsonSerializer.Serialize(new
        {
            Code = "Success",
            LastUpdated = "2026-01-01T00:00:00Z",
            Type = "AWS-HMAC",
            AccessKeyId = keys.AccessKey,
            SecretAccessKey = keys.Secret,
            keys.Token,
            Expiration = keys.Expires!.Value.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
        });
    }
}
