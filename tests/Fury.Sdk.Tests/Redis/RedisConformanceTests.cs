using Fury.Sdk.Bindings;
using Fury.Sdk.Conformance;
using Fury.Sdk.Drivers;
using Fury.Sdk.Redis;
using Fury.Sdk.Tests.Matrix;
using Fury.Testing;

namespace Fury.Sdk.Tests.Redis;

/// <summary>A real Redis keeps what its drivers say.</summary>
[RunsAgainst(RedisProvider.Name, "a real `redis-server`")]
public sealed class RedisConformanceTests(RedisServer server) : IClassFixture<RedisServer>
{
    private static readonly ServiceKind[] Kinds =
    [
        ServiceKind.KeyValue, ServiceKind.Queue, ServiceKind.Topic, ServiceKind.Stream, ServiceKind.Cache, ServiceKind.Locks, ServiceKind.Sequences,
    ];

    public static TheoryData<string> Names => [.. ConformanceSuite.Tests.Where(test => Kinds.Contains(test.Kind)).Select(test => test.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Redis_keeps(string name)
    {
        var result = await ConformanceSuite.RunAsync(new Target(server.Endpoint), ConformanceSuite.Tests.Single(test => test.Name == name));

        Assert.True(result.Verdict == ConformanceVerdict.Passed, result.Detail);
    }

    [Fact]
    public async Task A_provider_that_is_not_there_is_named_and_nothing_has_happened()
    {
        var nowhere = new Target(new Uri("redis://127.0.0.1:1"));
        var test = ConformanceSuite.Tests.Single(each => each.Name == "kv: what was written is read");

        var result = await ConformanceSuite.RunAsync(nowhere, test);

        Assert.Equal(ConformanceVerdict.Failed, result.Verdict);
        Assert.Contains("Redis at 127.0.0.1:1 cannot be reached.", result.Detail, StringComparison.Ordinal);
    }

    private sealed class Target(Uri endpoint) : ConformanceTarget
    {
        public override string Name => "redis";

        public override IReadOnlyList<IDriverFactory> Factories => RedisProvider.Factories;

        public override ServiceRoute Route(ServiceKind kind, string resource) => new(RedisProvider.Name, "direct", endpoint, "local", resource);
    }
}
