using System.Globalization;
using Npgsql;

namespace Fury.Benchmarks.Monster;

/// <summary>One database of the <see cref="Cluster"/>. Its connections are not pooled: what is counted must not include them.</summary>
internal sealed record Database(string Name, string ConnectionString)
{
    public async Task Execute(string sql, CancellationToken cancellation)
    {
        await using var connection = await Open(cancellation);
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(cancellation);
    }

    public async Task<double> Number(string sql, CancellationToken cancellation) =>
        await Row(sql, cancellation) is [var only] ? only : throw new InvalidOperationException($"Not one number: {sql}");

    /// <summary>The first row, all of it numbers; null counts as 0.</summary>
    public async Task<double[]> Row(string sql, CancellationToken cancellation)
    {
        await using var connection = await Open(cancellation);
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        if (!await reader.ReadAsync(cancellation))
        {
            throw new InvalidOperationException($"No row: {sql}");
        }

        return [.. Enumerable.Range(0, reader.FieldCount).Select(
            column => reader.IsDBNull(column) ? 0 : Convert.ToDouble(reader.GetValue(column), CultureInfo.InvariantCulture))];
    }

    public async Task<NpgsqlConnection> Open(CancellationToken cancellation)
    {
        var connection = new NpgsqlConnection(ConnectionString + ";Pooling=false");
        await connection.OpenAsync(cancellation);
        return connection;
    }
}
