using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Dapper;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Fury.Hosting;

/// <summary>One file <c>Migrations/NNNN_name.sql</c> of a module.</summary>
/// <param name="Checksum">SHA-256 of its text with line ends as LF, 64 hex digits.</param>
internal sealed record Migration(string Module, int Number, string Name, string Sql, string Checksum);

/// <summary>Applies the modules' migrations, each once, in the order of modules and then of numbers.</summary>
internal sealed partial class Migrations(IReadOnlyList<IModule> modules, ILogger<Migrations> logger)
{
    /// <summary>The schema of Hosting itself, which goes first.</summary>
    public const string HostingSchema = "hosting";

    private const int ServerVersionMin = 140000;

    /// <summary>One runner at a time on the whole platform; any number will do that nobody else uses.</summary>
    private const long LockKey = 0x46757279;

    private const string PrepareSql = """
        create schema if not exists hosting;
        create table if not exists hosting.migration (
            module     text        not null,
            number     int         not null,
            name       text        not null,
            checksum   text        not null,
            applied_at timestamptz not null default now(),
            primary key (module, number)
        )
        """;

    private const string AppliedSql = "select module, number, name, checksum from hosting.migration";

    private const string RecordSql = """
        insert into hosting.migration (module, number, name, checksum)
        values (@Module, @Number, @Name, @Checksum)
        """;

    /// <summary>Brings the database up to date. Two hosts that do it at once do it one after the other.</summary>
    /// <exception cref="InvalidOperationException">The server is too old, or a file that was applied has been changed.</exception>
    public async Task Run(NpgsqlDataSource source, CancellationToken cancellation)
    {
        await using var connection = await source.OpenConnectionAsync(cancellation);
        var version = int.Parse(
            (await connection.ExecuteScalarAsync<string>("show server_version_num"))!, CultureInfo.InvariantCulture);
        if (version < ServerVersionMin)
        {
            throw new InvalidOperationException(
                $"The PostgreSQL server is version {version / 10000}; Fury needs {ServerVersionMin / 10000} or newer.");
        }

        await connection.ExecuteAsync("select pg_advisory_lock(@LockKey)", new { LockKey }, commandTimeout: 300);
        try
        {
            await connection.ExecuteAsync(PrepareSql);
            await Apply(connection, cancellation);
        }
        finally
        {
            await connection.ExecuteAsync("select pg_advisory_unlock(@LockKey)", new { LockKey });
        }
    }

    /// <summary>The migrations embedded in an assembly, in order.</summary>
    public static IReadOnlyList<Migration> Of(string module, Assembly assembly) =>
    [
        .. from resource in assembly.GetManifestResourceNames()
           let match = ResourcePattern().Match(resource)
           where match.Success
           let sql = Read(assembly, resource)
           let number = int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)
           orderby number
           select new Migration(module, number, match.Groups[2].Value, sql, Checksum(sql)),
    ];

    private async Task Apply(NpgsqlConnection connection, CancellationToken cancellation)
    {
        var applied = (await connection.QueryAsync<Row>(AppliedSql)).ToDictionary(row => (row.Module, row.Number));
        IEnumerable<(string Name, Assembly Assembly)> rooms =
            [(HostingSchema, typeof(Migrations).Assembly), .. modules.Select(module => (module.Name, module.GetType().Assembly))];
        foreach (var (name, assembly) in rooms)
        {
            var migrations = Of(name, assembly);
            foreach (var migration in migrations)
            {
                if (!applied.TryGetValue((name, migration.Number), out var row))
                {
                    await Apply(connection, migration, cancellation);
                }
                else if (row.Checksum != migration.Checksum)
                {
                    throw new InvalidOperationException(
                        $"Migration {migration.Number:0000}_{migration.Name} of module {name} was applied with checksum {row.Checksum}, and its file "
                        + $"now has {migration.Checksum}. An applied migration never changes: restore the file and put the change into a new one.");
                }
            }

            var newest = applied.Keys.Where(key => key.Module == name).Select(key => key.Number).DefaultIfEmpty().Max();
            if (newest > migrations.Count && newest > migrations.Select(migration => migration.Number).DefaultIfEmpty().Max())
            {
                logger.LogWarning("Module {Module}'s schema is at {Number}, newer than this host knows: a newer Fury has been here.", name, newest);
            }
        }
    }

    private async Task Apply(NpgsqlConnection connection, Migration migration, CancellationToken cancellation)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await connection.ExecuteAsync($"create schema if not exists \"{migration.Module}\"", transaction: transaction);
        await connection.ExecuteAsync(migration.Sql, transaction: transaction, commandTimeout: 600);
        await connection.ExecuteAsync(RecordSql, migration, transaction);
        await transaction.CommitAsync(cancellation);
        logger.LogInformation("Applied migration {Number:0000}_{Name} of {Module}.", migration.Number, migration.Name, migration.Module);
    }

    private static string Read(Assembly assembly, string resource)
    {
        using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }

    private static string Checksum(string sql) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(sql)));

    [GeneratedRegex(@"\.Migrations\.([0-9]{4})_([a-z0-9_]+)\.sql$")]
    private static partial Regex ResourcePattern();

    private sealed record Row(string Module, int Number, string Name, string Checksum);
}
