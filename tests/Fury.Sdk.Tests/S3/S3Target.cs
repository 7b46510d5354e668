using System.Collections.Concurrent;
using Fury.Sdk.Bindings;
using Fury.Sdk.Conformance;
using Fury.Sdk.Drivers;
using Fury.Sdk.S3;

namespace Fury.Sdk.Tests.S3;

/// <summary>A server that speaks as S3 does, under test. Each resource is a bucket, which is made when it is opened first.</summary>
internal sealed class S3Target(string name, Uri endpoint, string accessKey, string secret, IReadOnlyDictionary<string, string> dialect) : ConformanceTarget
{
    /// <summary>As Ceph 16 is: neither conditions of deletions, copies and uploads in parts, nor ETags in quotes.</summary>
    public static IReadOnlyDictionary<string, string> CephDialect { get; } =
        new Dictionary<string, string> { ["s3.if-match"] = "unquoted", ["s3.conditions"] = "put-only" };

    private static readonly ConcurrentDictionary<string, bool> Made = new();

    public override string Name => name;

    public override IReadOnlyList<IDriverFactory> Factories => [new DriverFactory(ServiceKind.Objects, S3Provider.Name, Open)];

    public override ServiceRoute Route(ServiceKind kind, string resource)
    {
        var (key, word) = ($"FURY_TEST_S3_KEY_{endpoint.Port}", $"FURY_TEST_S3_SECRET_{endpoint.Port}");
        Environment.SetEnvironmentVariable(key, accessKey);
        Environment.SetEnvironmentVariable(word, secret);
        return new ServiceRoute(S3Provider.Name, "direct", endpoint, "us-east-1", resource) { Credential = $"env:{key},{word}", Dialect = dialect };
    }

    private static async ValueTask<IDriver> Open(DriverContext context, CancellationToken cancellation)
    {
        var bucket = context.Route.Resource;
        if (!bucket.EndsWith("-declared", StringComparison.Ordinal) && Made.TryAdd($"{context.Route.Endpoint}{bucket}", true))
        {
            using var client = new S3Client(context);
            using var made = await client.Send(HttpMethod.Put, null, [], [], null, null, cancellation);
            Assert.True(made.IsSuccessStatusCode, $"{bucket}: {made.StatusCode} {await made.Content.ReadAsStringAsync(cancellation)}");
        }

        return await S3Provider.Factories[0].OpenAsync(context, cancellation);
    }
}
