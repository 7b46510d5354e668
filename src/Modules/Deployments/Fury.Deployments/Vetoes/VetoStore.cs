using Dapper;
using Fury.Deployments.Gates;
using Fury.Hosting;
using Fury.Kernel;

namespace Fury.Deployments.Vetoes;

/// <summary>Vetoes in PostgreSQL. Each change is one transaction, with a line on record.</summary>
internal sealed class VetoStore(IDatabase database, RuleWriter writer)
{
    /// <summary>Every host reads all of them at each change of a rule.</summary>
    public const int VetoesMax = 10_000;

    public const string AllSql = "select application, version, reason, made_by, at from deployments.veto";

    private const string CountSql = "select count(*) from deployments.veto";

    private const string FindSql = $"{AllSql} where application = @application and version = @version";

    private const string PutSql = """
        insert into deployments.veto (application, version, reason, made_by, at) values (@application, @version, @reason, @by, @at)
        on conflict (application, version) do update set reason = excluded.reason, made_by = excluded.made_by, at = excluded.at
        """;

    private const string LiftSql = """
        delete from deployments.veto where application = @application and version = @version
        returning application, version, reason, made_by, at
        """;

    private const string ListSql = $"""
        {AllSql}
         where application = @application and (@after::text is null or version > @after)
         order by version
         limit @limit
        """;

    /// <summary>
    /// The version is vetoed from now on; the same again by the same person changes nothing. <see cref="FaultKind.Exhausted"/> at
    /// <see cref="VetoesMax"/>.
    /// </summary>
    public Task<Outcome<Written<Veto>>> Put(Veto wanted, CancellationToken cancellation) => writer.Write<Veto>(
        async (transaction, now) =>
        {
            var present = await One(transaction, FindSql, wanted.Application, wanted.Version, cancellation);
            if (present is not null && wanted with { At = present.At } == present)
            {
                return new Written<Veto>(present);
            }

            if (present is null && await transaction.Connection.ExecuteScalarAsync<long>(CountSql, transaction: transaction.Inner) >= VetoesMax)
            {
                return new Fault(FaultKind.Exhausted, $"There are {VetoesMax} vetoes, and no more are kept. Lift what is not needed.");
            }

            var veto = wanted with { At = now };
            var row = new { application = veto.Application.Value, version = veto.Version.Value, reason = veto.Reason, by = veto.By, at = now.UtcDateTime };
            await transaction.Connection.ExecuteAsync(new CommandDefinition(PutSql, row, transaction.Inner, cancellationToken: cancellation));
            return new Written<Veto>(veto, (veto.By, RuleOf(veto.Application, veto.Version), "Vetoed.", veto.Reason), present is null);
        },
        cancellation);

    public Task<Outcome<Written<Veto>>> Lift(
        ApplicationName application, VersionName version, string by, string reason, CancellationToken cancellation) => writer.Write<Veto>(
        async (transaction, _) => await One(transaction, LiftSql, application, version, cancellation) is { } lifted
            ? new Written<Veto>(lifted, (by, RuleOf(application, version), "Lifted.", reason))
            : Fault.NotFound($"veto of {application}", version),
        cancellation);

    /// <summary>Of an application, in the order of the versions' names.</summary>
    public async Task<IReadOnlyList<Veto>> List(ApplicationName application, string? after, int limit, CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        var rows = await connection.QueryAsync<Row>(
            new CommandDefinition(ListSql, new { application = application.Value, after, limit }, cancellationToken: cancellation));
        return [.. rows.Select(row => row.ToVeto())];
    }

    private static string RuleOf(ApplicationName application, VersionName version) => $"veto {application} {version}";

    private static async Task<Veto?> One(
        ITransaction transaction, string sql, ApplicationName application, VersionName version, CancellationToken cancellation) =>
        (await transaction.Connection.QuerySingleOrDefaultAsync<Row>(new CommandDefinition(
            sql, new { application = application.Value, version = version.Value }, transaction.Inner, cancellationToken: cancellation)))?.ToVeto();

    internal sealed record Row(string Application, string Version, string Reason, string MadeBy, DateTime At)
    {
        public Veto ToVeto() => new(ApplicationName.Parse(Application), VersionName.Parse(Version), Reason, MadeBy, new(At));
    }
}
