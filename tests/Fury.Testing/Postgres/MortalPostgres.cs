using System.Diagnostics;
using Fury.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Fury.Testing;

/// <summary>
/// A PostgreSQL server of one test, for it to crash: what it has committed is there when it comes back, which it does by itself, as the
/// platform's own. Gone when it is disposed.
/// </summary>
public sealed class MortalPostgres : IAsyncDisposable
{
    private readonly Node _node;
    private readonly PrivatePostgres _server;

    private MortalPostgres(Node node, PrivatePostgres server) => (_node, _server) = (node, server);

    /// <summary>Its database is empty. The pools are small: several processes share the server.</summary>
    public string ConnectionString => _server.ConnectionString + ";Maximum Pool Size=30";

    public static async Task<MortalPostgres> Start()
    {
        var node = new Node(Directory.CreateTempSubdirectory("fury-test-").FullName);
        var server = new PrivatePostgres(new(node.DataFolder), TimeProvider.System, NullLogger<PrivatePostgres>.Instance);
        await server.Start(CancellationToken.None);
        await SyncNothing(server);
        return new(node, server);
    }

    /// <summary>The immediate stop: all its processes end without a word, and what was not in the log on disk is gone.</summary>
    public Task StopAtOnce() => Hit(PostgresServer.RequestImmediateStop);

    /// <summary>SIGKILL of the server's first process; the others notice and end.</summary>
    public Task Kill() => Hit(pid =>
    {
        using var process = Process.GetProcessById(pid);
        process.Kill();
    });

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _node.Dispose();
        Directory.Delete(_node.DataFolder, recursive: true);
    }

    /// <summary>
    /// No test takes the power away: what is written survives the death of every process, synced or not. A server that syncs is away for as
    /// long as a busy disk takes to sync all its files, each time it recovers.
    /// </summary>
    private static async Task SyncNothing(PrivatePostgres server)
    {
        await using var connection = new NpgsqlConnection(server.ConnectionString + ";Pooling=false");
        await connection.OpenAsync();
        foreach (var sql in new[] { "alter system set fsync = off", "select pg_reload_conf()" })
        {
            await using var command = new NpgsqlCommand(sql, connection);
            await command.ExecuteNonQueryAsync();
        }
    }

    /// <summary>Ends when somebody was hit: it may be away from the last time.</summary>
    private Task Hit(Action<int> act) => Eventually.True(() =>
    {
        if (PostgresServer.RunningPid(_server.Place) is not { } pid)
        {
            return false;
        }

        act(pid);
        return true;
    });
}
