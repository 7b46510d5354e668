using Fury.Kernel;
using Fury.Providers.Contracts;
using Fury.Testing;
using Fury.Testing.Aws;

namespace Fury.Providers.Aws.Tests;

/// <summary>What is AWS's own, before the strict one of this process.</summary>
public sealed class AwsInstancesTests : IAsyncLifetime
{
    private const string Zone = "us-east-1b";

    private static readonly InstanceRequest Request = new(
        "token-1", AwsUnderTest.Region, "https://artifacts.example/a", "run", ["--ü"], new Dictionary<string, string> { ["KEY"] = "a&b=c d+e" }, 500, 512,
        new Dictionary<string, string> { ["app"] = "shop & more" })
    {
        Architectures = [Architecture.Amd64],
    };

    private FakeAws? _aws;

    private FakeAws Aws => _aws!;

    public async Task InitializeAsync() => _aws = await FakeAws.Start();

    public async Task DisposeAsync() => await Aws.DisposeAsync();

    [Fact]
    public async Task What_an_instance_boots_with_arrives_as_the_agents_wrote_it()
    {
        using var services = AwsUnderTest.Services(Aws);
        var agents = new FakeAgents();
        var provider = services.Instances(agents);

        var made = (await provider.Create(Request, default)).Value[0];

        var type = (await provider.Types(AwsUnderTest.Region, default)).Value.Single(type => type.Name == made.Type);
        Assert.Equal(agents.UserData(Request, type), Aws.UserDataOf(made.Id));
        Assert.Equal("shop & more", made.Tags["app"]);
    }

    [Fact]
    public async Task Requests_wait_until_EC2_takes_so_many_instances_and_none_is_refused()
    {
        var options = AwsUnderTest.Options(Aws.Address);
        options.Rates["run-instances"] = new() { PerSecond = 20, Burst = 290 };
        using var services = AwsUnderTest.Services(Aws, options);
        var provider = services.Instances(new FakeAgents());
        await provider.Types(AwsUnderTest.Region, default);
        Aws.Traffic = new(new Dictionary<string, CloudLimit> { [Ec2Limits.Run + Ec2Limits.Resources] = new(300, 20) }, TimeProvider.System);

        var made = await Task.WhenAll(Enumerable.Range(0, 4).Select(lot =>
            provider.Create(Request with { ClientToken = $"lot-{lot}", Count = 80 }, default)));

        Assert.All(made, answer => Assert.Equal(80, answer.Value.Count));
        Assert.Equal((320, 0), (Aws.Made, Aws.Traffic.Refused));
    }

    [Fact]
    public async Task With_subnets_instances_are_made_in_their_zones_only()
    {
        var options = AwsUnderTest.Options(Aws.Address);
        options.SubnetIds[Zone] = FakeAws.Subnet(Zone);
        using var services = AwsUnderTest.Services(Aws, options);
        var provider = services.Instances(new FakeAgents());

        Assert.All((await provider.Types(AwsUnderTest.Region, default)).Value, type => Assert.Equal([Zone], type.Zones));
        Assert.Equal(Zone, (await provider.Create(Request, default)).Value[0].Zone);
        var elsewhere = (await provider.Create(Request with { ClientToken = "token-2", Zone = "us-east-1a" }, default)).Fault;
        Assert.Equal(("zone", Zone), (elsewhere?.Fields.Single().Field, elsewhere?.Fields.Single().Expected.Split(' ')[^1]));
        Assert.Equal(3, (await provider.Types("eu-west-1", default)).Value[0].Zones.Count);
    }

    [Fact]
    public async Task A_dearer_type_that_is_priced_comes_before_one_whose_price_nobody_knows()
    {
        using var services = AwsUnderTest.Services(Aws);

        var types = (await services.Instances(new FakeAgents()).Types(AwsUnderTest.Region, default)).Value;

        Assert.Equal(["m6i.large", "m7i.large", "m7i.xlarge", "m7g.medium"], types.Take(4).Select(type => type.Name));
        Assert.DoesNotContain(types, type => type.Name is "p5.48xlarge" or "t3.micro");
    }

    [Fact]
    public async Task A_wrong_clock_is_told_to_be_one()
    {
        using var services = AwsUnderTest.Services(Aws, clock: new WrongClock());

        var fault = (await services.Instances(new FakeAgents()).ListByTag("a", "b", default)).Fault;

        Assert.Equal(FaultKind.Unauthenticated, fault?.Kind);
        Assert.Contains("clock is wrong", fault?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_many_to_be_ended_those_that_are_known_are_whatever_the_others_are()
    {
        using var services = AwsUnderTest.Services(Aws);
        var provider = services.Instances(new FakeAgents());
        var made = (await provider.Create(Request with { Count = 5 }, default)).Value.Select(seen => seen.Id).ToList();
        var unknown = Enumerable.Range(0, 60).Select(number => $"{AwsUnderTest.Region}/i-{number:x17}");

        await Task.WhenAll(unknown.Concat(made).Append($"{AwsUnderTest.Region}/not-an-id").Select(id => provider.Terminate(id, TimeSpan.Zero, default)));

        Assert.All((await provider.Describe(made, default)).Value, seen => Assert.NotEqual(ProviderInstanceState.Running, seen.State));
        await Eventually.True(async () => (await provider.Describe(made, default)).Value.All(seen => seen.State == ProviderInstanceState.Stopped));
    }

    private sealed class WrongClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow().AddMinutes(-10);
    }
}
