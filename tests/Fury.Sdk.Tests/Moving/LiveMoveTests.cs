using Fury.Sdk.Bindings;
using Fury.Sdk.Drivers;
using Fury.Sdk.Drivers.Postgres;
using Fury.Sdk.DynamoDb;
using Fury.Sdk.KeyValue;
using Fury.Sdk.Local;
using Fury.Sdk.Moving;
using Fury.Sdk.Redis;
using Fury.Sdk.Testing;
using Fury.Sdk.Tests.Postgres;
using Fury.Testing;
using Xunit.Abstractions;

namespace Fury.Sdk.Tests.Moving;

/// <summary>
/// A store moves while several instances write it, some over bad connections, and whoever moves it dies at each place of each step: nothing is lost,
/// nothing happens twice, every key stays one register, and no call fails.
/// </summary>
public sealed class LiveMoveTests(RedisServer redis, PostgresUnderTest postgres, DynaliteServer dynalite, ITestOutputHelper output)
    : IClassFixture<RedisServer>, IClassFixture<PostgresUnderTest>, IClassFixture<DynaliteServer>
{
    private const int Seed = 20261128;
    private const int Instances = 4;
    private const int Faulty = 2;

    private readonly string _resource = Guid.NewGuid().ToString("n");

    private ServiceRoute InMemory => new(LocalProvider.Name, "local", null, "local", _resource);

    private ServiceRoute InMemoryToo => InMemory with { Resource = _resource + "-2" };

    private ServiceRoute InRedis => new(RedisProvider.Name, "direct", redis.Endpoint, "local", _resource);

    private ServiceRoute InPostgres => new(PostgresProvider.Name, "direct", null, "local", _resource);

    private ServiceRoute InDynamo => new(DynamoDbProvider.Name, "direct", dynalite.Endpoint, "local", $"fury/{_resource}")
    {
        Credential = AwsServer.Credential,
    };

    [Fact]
    public async Task A_store_moves_from_memory_to_Redis_to_PostgreSQL_to_DynamoDB_while_it_is_written_and_the_mover_dies_everywhere()
    {
        await using var world = World(InMemory);
        var traffic = await Begin(world);

        foreach (var (from, to) in new[] { (InMemory, InRedis), (InRedis, InPostgres), (InPostgres, InDynamo) })
        {
            if (to.Driver == DynamoDbProvider.Name)
            {
                await traffic.GoOnOneByOne();
            }

            Assert.Equal(MoveStep.Moved, (await world.Move(to, () => traffic.GoOn(20))).Step);
            Assert.Equal(to.Driver, world.Current.Route.Driver);
            Assert.Empty(await world.Records(from));
            Assert.All(await world.Records(to), record => Assert.Equal(KeyForm.Value, record.Seen.Form));
        }

        await End(world, traffic);
        Assert.All(world.Stores, store => Assert.Equal(("dynamodb", BindingState.Single), (store.Binding.Provider, store.Binding.State)));
        Assert.True(world.Deaths > 90, $"He died {world.Deaths} times.");
    }

    [Theory]
    [InlineData(nameof(MoveStep.Prepare))]
    [InlineData(nameof(MoveStep.Copy))]
    [InlineData(nameof(MoveStep.Verify))]
    [InlineData(nameof(MoveStep.Settle))]
    public async Task A_move_is_given_up_at_a_step_and_all_is_as_it_was(string step)
    {
        await using var world = World(InMemory);
        var traffic = await Begin(world);

        Assert.Equal(MoveStep.Returned, (await world.Move(InMemoryToo, () => traffic.GoOn(20), Enum.Parse<MoveStep>(step))).Step);

        Assert.Empty(await world.Records(InMemoryToo));
        Assert.All(await world.Records(InMemory), record => Assert.Equal(KeyForm.Value, record.Seen.Form));
        // And may be begun again.
        Assert.Equal(MoveStep.Moved, (await world.Move(InMemoryToo, () => traffic.GoOn(20))).Step);
        await End(world, traffic);
    }

    [Fact]
    public async Task A_move_from_Redis_to_PostgreSQL_is_given_up_and_all_is_as_it_was()
    {
        await using var world = World(InRedis);
        var traffic = await Begin(world);

        Assert.Equal(MoveStep.Returned, (await world.Move(InPostgres, () => traffic.GoOn(20), MoveStep.Settle)).Step);

        Assert.Empty(await world.Records(InPostgres));
        await End(world, traffic);
    }

    [Fact]
    public async Task A_source_that_loses_the_marks_of_what_has_moved_is_found_out()
    {
        var writes = 0L;
        await using var world = World(InMemory, (call, next) =>
            call.Operation == nameof(IKeyValueDriver.WriteAsync) && ((KvStep)call.Arguments[0]!) is { Kind: KvStepKind.Put } step
                && KvEnvelope.Read(step.Value.Span).Flags == KvFlags.Moved
                ? ValueTask.FromResult<object?>(new KvWritten(true, $"lost {Interlocked.Increment(ref writes)}"))
                : next());
        var traffic = await Begin(world);
        var problems = new List<string>();
        try
        {
            // The gate finds what is left behind each time; the traffic finds what that does.
            await world.Move(InMemoryToo, async () =>
            {
                await traffic.GoOn(20);
                if (traffic.Done > 2500)
                {
                    throw new OperationCanceledException();
                }
            });
        }
        catch (OperationCanceledException)
        {
            problems.Add("The move does not end.");
        }

        problems.AddRange(await traffic.Stop());

        Assert.Contains(problems, problem => problem.StartsWith("No order explains", StringComparison.Ordinal));
        Assert.Contains("The move does not end.", problems);
    }

    private MoveWorld World(ServiceRoute first, DriverInterceptor? mutant = null) => new(
        [
            new LocalProvider(TimeProvider.System).Factories.Single(each => each.Kind == ServiceKind.KeyValue),
            RedisProvider.Factories.Single(each => each.Kind == ServiceKind.KeyValue),
            DynamoDbProvider.Factories.Single(each => each.Kind == ServiceKind.KeyValue),
            new PostgresProvider(_ => postgres.ConnectionString).Factories.Single(each => each.Kind == ServiceKind.KeyValue),
        ],
        first,
        Instances,
        Faulty,
        Seed,
        mutant);

    private static async Task<MoveTraffic> Begin(MoveWorld world)
    {
        await world.Start();
        var traffic = new MoveTraffic(world.Stores, Faulty, Seed);
        await traffic.Start();
        return traffic;
    }

    private async Task End(MoveWorld world, MoveTraffic traffic)
    {
        await traffic.GoOn(100);
        var problems = await traffic.Stop();
        output.WriteLine($"seed {Seed}: {traffic.Done} calls, {traffic.Histories} keys with a history, the mover died {world.Deaths} times, " +
            $"epoch {world.Current.Epoch}, {problems.Count} problems");
        Assert.True(problems.Count == 0, string.Join('\n', problems.Take(3)));
    }
}
