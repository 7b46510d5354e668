using Dapper;
using Fury.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Fury.Hosting.Tests;

public sealed class SampleModule : IModule
{
    public string Name => "sample";

    public void AddServices(IServiceCollection services, IConfiguration settings)
    {
    }
}

public sealed class MigrationsTests : IAsyncLifetime
{
    private string _connectionString = "";
    private NpgsqlDataSource? _source;

    private static Migrations Runner => new([new SampleModule()], NullLogger<Migrations>.Instance);

    public async Task InitializeAsync()
    {
        _connectionString = await TestPostgres.CreateDatabase();
        _source = NpgsqlDataSource.Create(_connectionString);
    }

    public async Task DisposeAsync()
    {
        await _source!.DisposeAsync();
        await TestPostgres.DropDatabase(_connectionString);
    }

    [Fact]
    public async Task Each_file_runs_once_in_order_however_many_runners_there_are()
    {
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Runner.Run(_source!, CancellationToken.None)));
        await Runner.Run(_source!, CancellationToken.None);
        Assert.Equal(["1 thing", "2 name"], await Query("select number || ' ' || name from hosting.migration where module = 'sample' order by number"));
        Assert.Equal(["name", "number"], await Query("select column_name::text from information_schema.columns where table_schema = 'sample' order by 1"));
    }

    [Fact]
    public async Task A_file_that_was_applied_and_then_changed_stops_the_host_with_its_name()
    {
        await Runner.Run(_source!, CancellationToken.None);
        await Query("update hosting.migration set checksum = 'other' where module = 'sample' and number = 2 returning name");
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => Runner.Run(_source!, CancellationToken.None));
        Assert.Contains("Migration 0002_name of module sample", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_fails_leaves_nothing_of_itself()
    {
        await Query("create schema sample");
        await Query("create table sample.thing (number int)");
        await Assert.ThrowsAsync<PostgresException>(() => Runner.Run(_source!, CancellationToken.None));
        Assert.Empty(await Query("select name from hosting.migration where module = 'sample'"));

        await Query("drop table sample.thing");
        await Runner.Run(_source!, CancellationToken.None);
        Assert.Equal(2, (await Query("select name from hosting.migration where module = 'sample'")).Count());
    }

    [Fact]
    public async Task A_database_of_a_newer_Fury_is_left_as_it_is()
    {
        await Runner.Run(_source!, CancellationToken.None);
        await Query("insert into hosting.migration (module, number, name, checksum) values ('sample', 9, 'later', 'x') returning name");
        await Runner.Run(_source!, CancellationToken.None);
    }

    private async Task<IEnumerable<string>> Query(string sql)
    {
        await using var connection = await _source!.OpenConnectionAsync();
        return await connection.QueryAsync<string>(sql);
    }
}
