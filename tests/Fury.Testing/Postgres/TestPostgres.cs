using Fury.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Fury.Testing;

/// <summary>The one throwaway PostgreSQL server of a test process: started by the first test that needs it, gone when the process ends.</summary>
public static class TestPostgres
{
    private static readonly Lazy<Task<PrivatePostgres>> Server = new(Start);

    /// <summary>Makes an empty database and gives its connection string.</summary>
    public static async Task<string> CreateDatabase()
    {
        var server = await Server.Value;
        var name = $"test_{Guid.NewGuid():n}";
        await Execute(server, $"create database {name}");
        // Small pools: many test classes share one server.
        return server.Place.ConnectionString(name) + ";Maximum Pool Size=20";
    }

    public static async Task DropDatabase(string connectionString)
    {
        var name = new NpgsqlConnectionStringBuilder(connectionString).Database;
        await Execute(await Server.Value, $"drop database if exists {name} with (force)");
    }

    private static async Task<PrivatePostgres> Start()
    {
        // Locks the folder for the life of the process, and opens its mode for the server's user as the host does.
        var node = new Node(Directory.CreateTempSubdirectory("fury-test-").FullName);
        var server = new PrivatePostgres(
            new(node.DataFolder, Throwaway: true), TimeProvider.System, NullLogger<PrivatePostgres>.Instance);
        await server.Start(CancellationToken.None);
        return server;
    }

    private static async Task Execute(PrivatePostgres server, string sql)
    {
        await using var connection = new NpgsqlConnection(server.Place.ConnectionString("postgres"));
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
