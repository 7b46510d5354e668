using Fury.Sdk.Bindings;
using Fury.Sdk.Etcd;
using Fury.Sdk.Redis;
using Fury.Testing;

namespace Fury.Sdk.Tests.Conformance;

/// <summary>All random sequences of the models against real servers, of which the usual run tries a share.</summary>
[Trait("Category", "Soak")]
public sealed class ModelSoakTests(RedisServer redis, EtcdServer etcd) : IClassFixture<RedisServer>, IClassFixture<EtcdServer>
{
    [Fact]
    public Task A_store_in_Redis_is_a_dictionary() => new RealServer(
        RedisProvider.Factories, (_, resource) => new ServiceRoute(RedisProvider.Name, "direct", redis.Endpoint, "local", resource), share: 1)
        .Keeps("model: a key-value store is a dictionary with revisions");

    [Fact]
    public Task A_queue_in_Redis_is_a_row_of_lines() => new RealServer(
        RedisProvider.Factories, (_, resource) => new ServiceRoute(RedisProvider.Name, "direct", redis.Endpoint, "local", resource), share: 1)
        .Keeps("model: a queue with keys is a row of lines");

    [Fact]
    public Task A_store_in_etcd_is_a_dictionary() => new RealServer(
        EtcdProvider.Factories, (_, resource) => new ServiceRoute(EtcdProvider.Name, "direct", etcd.Endpoint, "local", resource), share: 1)
        .Keeps("model: a key-value store is a dictionary with revisions");
}
