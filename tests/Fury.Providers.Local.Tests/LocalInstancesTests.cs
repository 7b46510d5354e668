using Fury.Providers.Contracts;
using Fury.Testing;

namespace Fury.Providers.Local.Tests;

public sealed class LocalInstancesTests(LocalHost host) : InstanceProviderContract, IClassFixture<LocalHost>
{
    protected override IInstanceProvider Provider => host.Instances;

    protected override InstanceRequest GoodRequest(string clientToken) => host.Request("serve", clientToken);

    protected override InstanceRequest BadRequest(string clientToken) => host.Request("garbage", clientToken);
}

public sealed class FakeInstanceProviderTests : InstanceProviderContract
{
    private readonly FakeInstanceProvider _provider = new();

    protected override IInstanceProvider Provider => _provider;

    protected override void Work(string id) => _provider.Use(id, cpuSeconds: 1, memoryBytes: 1 << 20);

    protected override InstanceRequest GoodRequest(string clientToken) => new(
        clientToken, FakeInstanceProvider.Region, "file:///somewhere", "run", [], new Dictionary<string, string>(), 100, 64, new Dictionary<string, string>());

    protected override InstanceRequest BadRequest(string clientToken) =>
        GoodRequest(clientToken) with { Command = FakeInstanceProvider.BadCommand };
}
