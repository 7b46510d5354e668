namespace Fury.Sdk.Aws;

/// <summary>A key of AWS or of whoever speaks as it does. It is never shown.</summary>
internal sealed record AwsCredential(string AccessKey, string Secret, string? SessionToken = null)
{
    public override string ToString() => "AwsCredential(hidden)";
}
