using System.Diagnostics;
using System.Globalization;
using Fury.Testing;
using Npgsql;

namespace Fury.Benchmarks.Monster;

/// <summary>
/// A PostgreSQL server of this run alone, as durable as they come: every commit is synced to a disk before it is answered. All contestants
/// use this one, over its unix socket, which nobody else may enter; so it asks for no password. It ends with this process, files and all.
/// </summary>
internal sealed class Cluster : IAsyncDisposable
{
    public const string User = "bench";

    private static readonly TimeSpan AnswersWithin = TimeSpan.FromSeconds(30);

    /// <summary>Checkpoints are far apart, so that none falls into the round of one contestant and not into the other's.</summary>
    private static readonly string[] Settings =
    [
        "listen_addresses=", "port=5432", "unix_socket_permissions=0700", "fsync=on", "synchronous_commit=on", "full_page_writes=on",
        "shared_buffers=2GB", "max_wal_size=8GB", "checkpoint_timeout=30min", "max_connections=300", "jit=off", "timezone=UTC",
    ];

    /// <summary>
    /// Stays, and stops the server and removes its files when the pipe from this process closes, however that process ended. A Ctrl-C is
    /// not for it.
    /// </summary>
    private const string KeeperScript = """
        trap '' INT TERM HUP
        folder=$0
        "$@" </dev/null >>"$folder/log" 2>&1 &
        server=$!
        cat >/dev/null
        kill -QUIT $server; wait $server; cd /; rm -rf -- "$folder" 2>/dev/null
        """;

    private readonly Process _keeper;
    private readonly string _folder;

    private Cluster(Process keeper, string folder) => (_keeper, _folder) = (keeper, folder);

    public string SocketFolder => Path.Combine(_folder, "socket");

    private string Data => Path.Combine(_folder, "data");

    public static async Task<Cluster> Start(CancellationToken cancellation)
    {
        // Not /tmp, which is memory on many machines.
        var folder = Path.Combine("/var/tmp", $"fury-bench-{Environment.ProcessId}");
        var programs = PostgresPrograms.Folder();
        var owner = await Owner(cancellation);
        await Run(owner, "mkdir", ["-m", "0700", folder, Path.Combine(folder, "socket")], cancellation);
        await Run(
            owner,
            Path.Combine(programs, "initdb"),
            ["-D", Path.Combine(folder, "data"), "-U", User, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-instructions"],
            cancellation);
        string[] server = [Path.Combine(programs, "postgres"), "-D", Path.Combine(folder, "data"), "-k", Path.Combine(folder, "socket")];
        var keeper = Process.Start(As(owner, "/bin/sh", ["-c", KeeperScript, folder, .. server, .. Settings.SelectMany(one => (string[])["-c", one])]))!;
        var cluster = new Cluster(keeper, folder);
        await cluster.Answers(cancellation);
        return cluster;
    }

    public string ConnectionString(string database) =>
        new NpgsqlConnectionStringBuilder { Host = SocketFolder, Username = User, Database = database, MaxPoolSize = 80 }.ConnectionString;

    /// <summary>An empty database; one of the same name goes.</summary>
    public async Task<Database> CreateDatabase(string name, CancellationToken cancellation)
    {
        await using var connection = new NpgsqlConnection(ConnectionString("postgres") + ";Pooling=false");
        await connection.OpenAsync(cancellation);
        foreach (var sql in new[] { $"drop database if exists {name} with (force)", $"create database {name}" })
        {
            await using var command = new NpgsqlCommand(sql, connection);
            await command.ExecuteNonQueryAsync(cancellation);
        }

        return new Database(name, ConnectionString(name));
    }

    /// <summary>Of the server and all its processes, those that have ended too.</summary>
    public TimeSpan Cpu()
    {
        var server = int.Parse(File.ReadLines(Path.Combine(Data, "postmaster.pid")).First(), CultureInfo.InvariantCulture);
        return Proc.CpuWithEndedChildren(server) + Proc.Children(server).Aggregate(TimeSpan.Zero, (sum, child) => sum + Proc.Cpu(child));
    }

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        _keeper.StandardInput.Close();
        await _keeper.WaitForExitAsync();
        _keeper.Dispose();
    }

    private async Task Answers(CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                await using var connection = new NpgsqlConnection(ConnectionString("postgres") + ";Pooling=false");
                await connection.OpenAsync(cancellation);
                return;
            }
            catch (NpgsqlException) when (clock.Elapsed < AnswersWithin && !_keeper.HasExited)
            {
                await Task.Delay(20, cancellation);
            }
        }
    }

    /// <summary>PostgreSQL refuses to run as root.</summary>
    private static async Task<string?> Owner(CancellationToken cancellation) =>
        !Environment.IsPrivilegedProcess ? null
        : (await Child.Run("id", ["-u", "postgres"], cancellation)).ExitCode == 0 ? "postgres"
        : "nobody";

    private static async Task Run(string? owner, string program, string[] arguments, CancellationToken cancellation)
    {
        using var process = Process.Start(As(owner, program, arguments))!;
        var output = process.StandardOutput.ReadToEndAsync(cancellation);
        await process.WaitForExitAsync(cancellation);
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} has ended with {process.ExitCode}: {await output}");
        }
    }

    private static ProcessStartInfo As(string? owner, string program, IEnumerable<string> arguments)
    {
        var info = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            WorkingDirectory = "/",
        };
        if (owner is not null)
        {
            info.UserName = owner;
        }

        return info;
    }
}
