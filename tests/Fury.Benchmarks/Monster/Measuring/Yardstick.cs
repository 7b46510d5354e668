using System.Globalization;
using System.Text.RegularExpressions;
using Fury.Testing;

namespace Fury.Benchmarks.Monster;

/// <summary>
/// Y: how many transactions of one insert and one update the same server commits per second, by PostgreSQL's own pgbench with 32 clients.
/// The insert goes to a table without any index, so that Y is no lower than it could be.
/// </summary>
internal sealed partial class Yardstick
{
    private const int Clients = 32;

    private const string Schema = """
        create table ev (saga_id bigint, seq int, payload bytea);
        create table st (id bigint primary key, fence bigint, state int) with (fillfactor = 60);
        insert into st select n, 0, 0 from generate_series(1, 100000) n;
        vacuum analyze st
        """;

    private const string Script = """
        \set id random(1, 100000)
        BEGIN;
        INSERT INTO ev (saga_id, seq, payload) VALUES (:id, 1, decode(repeat('ab', 100), 'hex'));
        UPDATE st SET fence = fence + 1, state = state + 1 WHERE id = :id;
        COMMIT;
        """;

    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(3);

    private readonly Cluster _cluster;
    private readonly string _pgbench;
    private readonly string[] _arguments;
    private readonly Database _database;

    private Yardstick(Cluster cluster, string pgbench, string[] arguments, Database database) =>
        (_cluster, _pgbench, _arguments, _database) = (cluster, pgbench, arguments, database);

    public static async Task<Yardstick> Prepare(Cluster cluster, CancellationToken cancellation)
    {
        var beside = Path.Combine(PostgresPrograms.Folder(), "pgbench");
        var pgbench = (File.Exists(beside) ? beside : Child.Find("pgbench")) ?? throw new InvalidOperationException(
            "pgbench is missing. It comes with PostgreSQL's server package (Debian, Ubuntu: apt-get install postgresql) or its contrib package.");
        var database = await cluster.CreateDatabase("yardstick", cancellation);
        foreach (var statement in Schema.Split(';'))
        {
            await database.Execute(statement, cancellation);
        }

        var script = Path.Combine(cluster.SocketFolder, "insert-update.sql");
        await File.WriteAllTextAsync(script, Script, cancellation);
        return new(
            cluster,
            pgbench,
            ["-h", cluster.SocketFolder, "-U", Cluster.User, "-n", "-M", "prepared", "-c", $"{Clients}", "-j", "2",
                "-T", Duration.TotalSeconds.ToString(CultureInfo.InvariantCulture), "-f", script, database.Name],
            database);
    }

    /// <summary>Over three seconds.</summary>
    public async Task<Yard> Measure(CancellationToken cancellation)
    {
        var before = _cluster.Cpu();
        var (exitCode, output) = await Child.Run(_pgbench, _arguments, cancellation);
        var used = _cluster.Cpu() - before;
        await _database.Execute("truncate ev", cancellation);
        return exitCode == 0 && Rate().Match(output) is { Success: true } match
            && double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) is var rate
            ? new Yard(rate, used / Duration * 1000 / rate)
            : throw new InvalidOperationException($"pgbench has failed: {output}");
    }

    [GeneratedRegex(@"^tps = ([0-9.]+)", RegexOptions.Multiline)]
    private static partial Regex Rate();
}

/// <param name="CpuMs">Of the server, per transaction.</param>
internal sealed record Yard(double PerSecond, double CpuMs);
