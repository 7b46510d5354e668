using Dapper;
using Fury.Testing;

namespace Fury.Hosting.Tests;

public sealed class SmokeTests(TestDatabase database) : IClassFixture<TestDatabase>
{
    [Fact]
    public async Task A_fresh_database_has_the_tables_of_hosting()
    {
        await using var connection = await database.Database.Source.OpenConnectionAsync();
        Assert.Equal(0, await connection.ExecuteScalarAsync<int>("select count(*) from hosting.outbox"));
    }
}
