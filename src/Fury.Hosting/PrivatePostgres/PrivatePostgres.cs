using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Fury.Hosting;

/// <summary>
/// A PostgreSQL cluster that belongs to one data folder: made on the first start, found again on the next, restarted when it dies, adopted
/// when the host before this one was killed, stopped with the host. What was committed survives all of it: recovery is PostgreSQL's own.
/// </summary>
internal sealed class PrivatePostgres(PrivatePostgresOptions options, TimeProvider clock, ILogger<PrivatePostgres> logger) : IAsyncDisposable
{
    /// <summary>An attempt that ends early takes about two seconds.</summary>
    private const int StartAttemptsMax = 4;
    private static readonly TimeSpan StartDeadline = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan FastStopDeadline = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ImmediateStopDeadline = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LookPeriod = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan AnswerPollPeriod = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan RestartBackoffMin = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan RestartBackoffMax = TimeSpan.FromSeconds(15);

    private readonly CancellationTokenSource _stopping = new();
    private readonly Lazy<PostgresPlace> _place = new(() => PostgresPlace.Prepare(options.DataFolder, logger));
    private PostgresBinaries? _binaries;
    private Process? _watchdog;
    private bool _disposed;
    private Task _supervision = Task.CompletedTask;

    public PostgresPlace Place => _place.Value;

    /// <summary>For the database of the platform. Known before the server runs.</summary>
    public string ConnectionString => Place.ConnectionString(PostgresPlace.DatabaseName);

    /// <summary>Finds the programs, makes the cluster when there is none, and returns when the server answers.</summary>
    /// <exception cref="InvalidOperationException">
    /// There are no programs (the message says where it looked and what to install), or the server does not start.
    /// </exception>
    public async Task Start(CancellationToken cancellation)
    {
        var begun = clock.GetTimestamp();
        _binaries = FindBinaries();
        Initialise(_binaries);
        var adopted = PostgresServer.RunningPid(Place) is not null && await Answers(cancellation);
        if (!adopted)
        {
            await Run(_binaries, cancellation);
        }

        await CreateDatabase(cancellation);
        logger.LogInformation(
            "PostgreSQL {Version} {How} in {Folder} after {Milliseconds:0} ms.",
            _binaries.Version, adopted ? "adopted" : "started", Place.Folder, clock.GetElapsedTime(begun).TotalMilliseconds);
        if (!options.Throwaway)
        {
            _supervision = Task.Run(Supervise, CancellationToken.None);
        }
    }

    /// <summary>The graceful stop, with a deadline; a server that ignores it is stopped without one. The second time it does nothing.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, true))
        {
            return;
        }

        await Abandon();
        if (_watchdog is not null)
        {
            _watchdog.StandardInput.Close();
            await _watchdog.WaitForExitAsync();
            _watchdog.Dispose();
        }
        else if (_binaries is not null && PostgresServer.RunningPid(Place) is { } pid)
        {
            PostgresServer.RequestFastStop(pid);
            if (!await Ended(FastStopDeadline))
            {
                logger.LogWarning("PostgreSQL did not stop within {Seconds} s; it is stopped at once.", FastStopDeadline.TotalSeconds);
                PostgresServer.RequestImmediateStop(pid);
                await Ended(ImmediateStopDeadline);
            }
        }

        _stopping.Dispose();
    }

    /// <summary>Leaves the server running and looks after it no longer, as a killed host does.</summary>
    internal async Task Abandon()
    {
        await _stopping.CancelAsync();
        await _supervision;
    }

    private PostgresBinaries FindBinaries()
    {
        var versionFile = Path.Combine(Place.Cluster, "PG_VERSION");
        int? major = File.Exists(versionFile) ? int.Parse(File.ReadAllText(versionFile), CultureInfo.InvariantCulture) : null;
        var npmFolder = Path.Combine(options.DataFolder, "postgres-programs");
        var places = PostgresBinaries.Places(options.Binaries, options.SearchPath, npmFolder);
        List<string> tried = [];
        if (PostgresBinaries.Find(places, major, tried) is { } found)
        {
            return found;
        }

        if (options.MayFetch && options.Binaries is null && major is null && NpmPostgres.HasNpm)
        {
            logger.LogWarning("No PostgreSQL on this machine; fetching {Package} with npm into {Folder}.", NpmPostgres.Package, npmFolder);
            tried.Add(NpmPostgres.Fetch(npmFolder) ?? "npm: fetched");
            if (PostgresBinaries.Find([NpmPostgres.BinFolder(npmFolder)], null, tried) is { } fetched)
            {
                return fetched;
            }
        }

        var wanted = major is null ? $"{PostgresBinaries.MajorMin} or newer" : $"{major} (the version that made {Place.Cluster})";
        throw new InvalidOperationException($"""
            There is no PostgreSQL {wanted} to run. Looked for postgres and initdb in:
              {string.Join("\n  ", tried)}
            Install it (Debian, Ubuntu: apt-get install postgresql; Fedora: dnf install postgresql-server; macOS: brew install postgresql),
            or install npm, with which Fury fetches it, or name the folder of its programs in Fury:PostgresBinaries,
            or name a running server in ConnectionStrings:Fury.
            """);
    }

    /// <summary>Makes the cluster beside its place and renames it, so that a half-made one is never taken for one.</summary>
    private void Initialise(PostgresBinaries binaries)
    {
        Sh("mkdir -p \"$0\"", Place.Logs);
        if (options.Throwaway && Place.User is not null)
        {
            // The watchdog runs as that user, and removes the folder.
            Command.Run(null, "chown", [Place.User, options.DataFolder]).OrThrow("Giving the folder away");
        }

        if (File.Exists(Path.Combine(Place.Cluster, "PG_VERSION")))
        {
            return;
        }

        var half = Place.Cluster + ".new";
        Sh("rm -rf -- \"$0\"", half);
        var password = Path.Combine(Place.Folder, "password");
        string[] arguments =
        [
            "-D", half, "-U", PostgresPlace.SuperUser, $"--pwfile={password}", "-A", "scram-sha-256", "-E", "UTF8", "--locale=C",
            "--no-sync", "--no-instructions",
        ];
        Command.Run(Place.User, binaries.Initdb, arguments).OrThrow("initdb");
        // One sync of the file system costs a twentieth of initdb's, file by file. Not every sync knows -f.
        Sh((options.Throwaway ? "" : "{ sync -f \"$0\" 2>/dev/null || sync; } && ") + "mv \"$0\" \"$1\"", half, Place.Cluster);
    }

    private void Sh(string script, params string[] arguments) =>
        Command.Run(Place.User, "/bin/sh", ["-c", script, .. arguments]).OrThrow(script);

    /// <summary>
    /// Starts it, again if need be: a server that was killed a moment ago stays in the process table until it is reaped, and for so long the
    /// next one takes it for alive and ends.
    /// </summary>
    private async Task Run(PostgresBinaries binaries, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            _watchdog = PostgresServer.Start(binaries, Place, options.Throwaway);
            if (await Answers(cancellation))
            {
                return;
            }

            if (options.Throwaway || attempt == StartAttemptsMax)
            {
                throw new InvalidOperationException(
                    $"PostgreSQL {binaries.Version} in {Place.Folder} did not answer. It said: {PostgresServer.LastWords(Place)}");
            }
        }
    }

    /// <summary>Waits until the server answers; false when it has ended or the deadline has passed.</summary>
    private async Task<bool> Answers(CancellationToken cancellation)
    {
        var begun = clock.GetTimestamp();
        var grace = TimeSpan.FromSeconds(2);
        while (clock.GetElapsedTime(begun) is var waited && waited < StartDeadline)
        {
            if (await Ping(cancellation))
            {
                return true;
            }

            // It writes its pid file first of all; one that has none after the grace has ended.
            if (waited > grace && PostgresServer.RunningPid(Place) is null)
            {
                return false;
            }

            await Task.Delay(AnswerPollPeriod, clock, cancellation);
        }

        return false;
    }

    private async Task<bool> Ping(CancellationToken cancellation)
    {
        try
        {
            await using var connection = Connection("postgres");
            await connection.OpenAsync(cancellation);
            return true;
        }
        catch (Exception notYet) when (notYet is NpgsqlException or TimeoutException or IOException)
        {
            return false;
        }
    }

    private async Task CreateDatabase(CancellationToken cancellation)
    {
        await using var connection = Connection("postgres");
        await connection.OpenAsync(cancellation);
        await using var exists = new NpgsqlCommand($"select 1 from pg_database where datname = '{PostgresPlace.DatabaseName}'", connection);
        if (await exists.ExecuteScalarAsync(cancellation) is null)
        {
            await using var create = new NpgsqlCommand($"create database {PostgresPlace.DatabaseName}", connection);
            await create.ExecuteNonQueryAsync(cancellation);
        }
    }

    /// <summary>Not pooled: a pool would keep a session of the old server over a restart.</summary>
    private NpgsqlConnection Connection(string database) => new(Place.ConnectionString(database) + ";Pooling=false");

    private async Task Supervise()
    {
        var backoff = RestartBackoffMin;
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(LookPeriod, clock, _stopping.Token);
                if (PostgresServer.RunningPid(Place) is not null)
                {
                    backoff = RestartBackoffMin;
                    continue;
                }

                logger.LogError("PostgreSQL has died; it is started again.");
                await Run(_binaries!, _stopping.Token);
                logger.LogInformation("PostgreSQL runs again.");
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception failure)
            {
                logger.LogError(failure, "PostgreSQL could not be started; the next attempt is in {Seconds:0.0} s.", backoff.TotalSeconds);
                await Task.Delay(backoff, clock, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                backoff = TimeSpan.FromTicks(Math.Min(backoff.Ticks * 2, RestartBackoffMax.Ticks));
            }
        }
    }

    private async Task<bool> Ended(TimeSpan deadline)
    {
        var begun = clock.GetTimestamp();
        while (PostgresServer.RunningPid(Place) is not null)
        {
            if (clock.GetElapsedTime(begun) > deadline)
            {
                return false;
            }

            await Task.Delay(AnswerPollPeriod, clock);
        }

        return true;
    }
}
