using System.Diagnostics;
using Dapper;
using Fury.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Fury.Hosting.Tests;

public sealed class PrivatePostgresTests : IAsyncLifetime, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fury-test-").FullName;
    private readonly List<PrivatePostgres> _servers = [];
    private Node? _node;

    public async Task InitializeAsync()
    {
        _node = new(Path.Combine(_folder, "data"));
        // The folder above is mode 0700, and the server may be another user's.
        using var chmod = Process.Start("chmod", ["0711", _folder]);
        await chmod.WaitForExitAsync();
    }

    public async Task DisposeAsync()
    {
        foreach (var server in _servers)
        {
            await server.DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    public void Dispose() => _node?.Dispose();

    [Fact]
    public async Task What_was_written_is_there_after_a_stop_and_a_start_and_after_a_kill_of_the_server()
    {
        var first = await Start();
        await Execute(first, "create table kept (number int); insert into kept values (1)");
        await first.DisposeAsync();
        Assert.Null(PostgresServer.RunningPid(first.Place));

        var second = await Start();
        await Execute(second, "insert into kept values (2)");
        Kill(PostgresServer.RunningPid(second.Place)!.Value);
        await Eventually.True(async () => await Sum(second) == 3, TimeSpan.FromSeconds(60), "the server is started again and has recovered");
    }

    [Fact]
    public async Task A_server_whose_host_was_killed_is_adopted_as_it_runs()
    {
        var killed = await Start();
        await Execute(killed, "create table kept (number int); insert into kept values (7)");
        var pid = PostgresServer.RunningPid(killed.Place);
        await killed.Abandon();

        var next = await Start();
        Assert.Equal(pid, PostgresServer.RunningPid(next.Place));
        Assert.Equal(7, await Sum(next));
    }

    [Fact]
    public async Task A_start_that_was_cut_short_is_begun_anew()
    {
        var server = New();
        var half = Directory.CreateDirectory(Path.Combine(server.Place.Cluster + ".new", "base"));
        await File.WriteAllTextAsync(Path.Combine(half.FullName, "half"), "x");
        Command.Run(null, "chown", ["-R", server.Place.User ?? Environment.UserName, server.Place.Cluster + ".new"]).OrThrow("chown");
        await server.Start(CancellationToken.None);
        Assert.False(Directory.Exists(server.Place.Cluster + ".new"));
    }

    [Fact]
    public async Task The_password_is_needed_and_neither_it_nor_the_socket_is_for_others()
    {
        var server = await Start();
        var wrong = server.Place with { Password = "guess" };
        await using var connection = new NpgsqlConnection(wrong.ConnectionString("postgres") + ";Pooling=false");
        var refused = await Assert.ThrowsAsync<PostgresException>(() => connection.OpenAsync());
        Assert.Equal(PostgresErrorCodes.InvalidPassword, refused.SqlState);

        foreach (var secret in new[] { Path.Combine(server.Place.Folder, "password"), server.Place.SocketFolder, server.Place.Folder })
        {
            var mode = Command.Run(null, "stat", ["-c", "%a", secret]);
            // Not every stat knows -c; where it does, only the owner has rights.
            Assert.True(mode.ExitCode != 0 || mode.Output.Trim().EndsWith("00", StringComparison.Ordinal), $"{secret} {mode.Output}");
        }
    }

    [Fact]
    public void A_path_too_long_for_a_socket_puts_the_socket_elsewhere()
    {
        var folder = Path.Combine(_folder, new string('x', 90));
        using var node = new Node(folder);
        var place = PostgresPlace.Prepare(node.DataFolder, NullLogger.Instance);
        Assert.StartsWith("/tmp/fury-", place.SocketFolder, StringComparison.Ordinal);
        Assert.Equal(place, PostgresPlace.Prepare(node.DataFolder, NullLogger.Instance));
        Directory.Delete(place.SocketFolder);
    }

    [Fact]
    public async Task Without_programs_the_error_says_where_it_looked_and_what_to_install()
    {
        var server = new PrivatePostgres(
            new(_node!.DataFolder, Binaries: "/nowhere/at/all"), TimeProvider.System, NullLogger<PrivatePostgres>.Instance);
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => server.Start(CancellationToken.None));
        Assert.Contains("/nowhere/at/all: no postgres", error.Message, StringComparison.Ordinal);
        Assert.Contains("apt-get install postgresql", error.Message, StringComparison.Ordinal);
        Assert.Contains("ConnectionStrings:Fury", error.Message, StringComparison.Ordinal);
        await server.DisposeAsync();
    }

    [Fact]
    public async Task A_throwaway_server_and_its_files_vanish_when_its_owner_does()
    {
        using var node = new Node(Path.Combine(_folder, "throwaway"));
        var server = new PrivatePostgres(
            new(node.DataFolder, Throwaway: true), TimeProvider.System, NullLogger<PrivatePostgres>.Instance);
        await server.Start(CancellationToken.None);
        var pid = PostgresServer.RunningPid(server.Place)!.Value;
        // The end of the owner closes the pipe, however it ends; so does this.
        await server.DisposeAsync();
        await Eventually.True(() => !Directory.Exists(Path.Combine(node.DataFolder, "postgres", "cluster")));
        Assert.Throws<ArgumentException>(() => Process.GetProcessById(pid));
    }

    private PrivatePostgres New()
    {
        var server = new PrivatePostgres(new(_node!.DataFolder), TimeProvider.System, NullLogger<PrivatePostgres>.Instance);
        _servers.Add(server);
        return server;
    }

    private async Task<PrivatePostgres> Start()
    {
        var server = New();
        await server.Start(CancellationToken.None);
        return server;
    }

    private static void Kill(int pid)
    {
        using var process = Process.GetProcessById(pid);
        process.Kill();
    }

    private static async Task Execute(PrivatePostgres server, string sql)
    {
        await using var connection = new NpgsqlConnection(server.ConnectionString + ";Pooling=false");
        await connection.ExecuteAsync(sql);
    }

    /// <summary>Null while the server does not answer.</summary>
    private static async Task<long?> Sum(PrivatePostgres server)
    {
        try
        {
            await using var connection = new NpgsqlConnection(server.ConnectionString + ";Pooling=false");
            return await connection.ExecuteScalarAsync<long>("select sum(number) from kept");
        }
        catch (NpgsqlException)
        {
            return null;
        }
    }
}
