using Fury.Sdk.Bindings;
using Fury.Sdk.Drivers;
using Fury.Sdk.Drivers.Postgres;
using Npgsql;

namespace Fury.Sdk.Tests.Postgres;

/// <summary>What PostgreSQL remembers of deduplication ids goes again.</summary>
public sealed class PostgresSeenTests(PostgresUnderTest server) : IClassFixture<PostgresUnderTest>
{
    [Theory]
    [InlineData(ServiceKind.Queue)]
    [InlineData(ServiceKind.Topic)]
    public async Task Ids_whose_time_is_over_are_forgotten_some_with_each_message(ServiceKind kind)
    {
        await using var source = NpgsqlDataSource.Create(server.ConnectionString);
        await using var mine = await Open(kind, $"seen-{kind}");
        await using var other = await Open(kind, $"other-{kind}");
        await Send(other, "0");
        for (var each = 0; each < 25; each++)
        {
            Assert.False(await Send(mine, $"{each}"));
        }

        Assert.True(await Send(mine, "7"));
        await using var over = source.CreateCommand("update fury_sdk.seen set until = now() - interval '1 second'");
        await over.ExecuteNonQueryAsync();

        Assert.False(await Send(mine, "7"));
        Assert.Equal(15, await Count(source, $"seen-{kind}"));
        Assert.True(await Send(mine, "7"));
        Assert.False(await Send(mine, null));
        Assert.Equal(5, await Count(source, $"seen-{kind}"));
        Assert.False(await Send(mine, "new"));
        Assert.Equal(2, await Count(source, $"seen-{kind}"));
        Assert.Equal(1, await Count(source, $"other-{kind}"));
    }

    private static async Task<bool> Send(IDriver driver, string? id)
    {
        var message = new DriverMessage(Guid.NewGuid().ToString("N"), default, new Dictionary<string, string>()) { DeduplicationId = id };
        return driver is IQueueDriver queue ? await queue.SendAsync(message, default) : await ((ITopicDriver)driver).PublishAsync(message, default);
    }

    private static async Task<long> Count(NpgsqlDataSource source, string resource)
    {
        await using var command = source.CreateCommand("select count(*) from fury_sdk.seen where resource like '%' || $1");
        command.Parameters.AddWithValue(resource);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private async Task<IDriver> Open(ServiceKind kind, string resource)
    {
        var route = new ServiceRoute(PostgresProvider.Name, "direct", null, "local", resource);
        var driver = await new PostgresProvider(_ => server.ConnectionString).Factories.Single(each => each.Kind == kind)
            .OpenAsync(new DriverContext("seen", route, TimeProvider.System), default);
        await driver.ProbeAsync(default);
        return driver;
    }
}
