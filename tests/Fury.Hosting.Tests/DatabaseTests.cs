using Dapper;
using Fury.Kernel;
using Fury.Testing;

namespace Fury.Hosting.Tests;

public sealed class DatabaseTests(TestDatabase database) : IClassFixture<TestDatabase>
{
    private sealed record Row(PoolId Pool, ApplicationName Application, VersionName? Version, ScopeRef Scope, DateTime MadeAt);

    [Fact]
    public async Task Typed_ids_and_names_go_to_the_database_and_come_back()
    {
        var scope = ScopeRef.Parse("shop/production-web");
        var row = new Row(PoolId.New(TimeProvider.System), scope.Application, null, scope, DateTime.UnixEpoch);
        await using var connection = await database.Database.Source.OpenConnectionAsync();
        const string Sql = """
            select @Pool as pool, @Application as application, cast(@Version as text) as version, @Scope as scope,
                   timestamptz '1970-01-01 00:00+00' as made_at
            """;
        var read = await connection.QuerySingleAsync<Row>(Sql, row);
        Assert.Equal(row, read);
    }

    [Fact]
    public async Task After_a_commit_its_actions_run_in_order_and_an_exception_rolls_back()
    {
        await using var connection = await database.Database.Source.OpenConnectionAsync();
        await connection.ExecuteAsync("create table kept (number int)");
        List<int> ran = [];
        await database.Database.Transaction<int>(
            async transaction =>
            {
                transaction.AfterCommit(() => ran.Add(1));
                transaction.AfterCommit(() => ran.Add(2));
                return await transaction.Connection.ExecuteAsync("insert into kept values (1)", transaction: transaction.Inner);
            },
            CancellationToken.None);
        await Assert.ThrowsAsync<InvalidOperationException>(() => database.Database.Transaction<int>(
            async transaction =>
            {
                transaction.AfterCommit(() => ran.Add(3));
                await transaction.Connection.ExecuteAsync("insert into kept values (2)", transaction: transaction.Inner);
                throw new InvalidOperationException("No.");
            },
            CancellationToken.None));

        Assert.Equal([1, 2], ran);
        Assert.Equal(1, await connection.ExecuteScalarAsync<long>("select sum(number) from kept"));
    }
}
