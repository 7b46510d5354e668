using System.Text.Json;
using Dapper;
using Fury.Catalog.Contracts;
using Fury.Hosting;
using Fury.Kernel;

namespace Fury.Services.Attesting;

/// <summary>The last attestation of each route, of the last few routes of each service.</summary>
internal sealed class AttestationStore(IDatabase database)
{
    private const int RoutesKeptMax = 10;

    private const string PutSql = """
        insert into services.attestation as known
            (application, scope, kind, service, fingerprint, capabilities, limits, shown, refuted, attested_at)
        values (@application, @scope, @kind, @service, @fingerprint, @capabilities::jsonb, @limits::jsonb, @shown::jsonb, @refuted::jsonb, @at)
        on conflict (application, scope, kind, service, fingerprint) do update
           set capabilities = excluded.capabilities, limits = excluded.limits, shown = excluded.shown, refuted = excluded.refuted,
               attested_at = excluded.attested_at
         where known.attested_at <= excluded.attested_at;
        delete from services.attestation
         where (application, scope, kind, service) = (@application, @scope, @kind, @service)
           and fingerprint in (
               select fingerprint from services.attestation
                where (application, scope, kind, service) = (@application, @scope, @kind, @service)
                order by attested_at desc
               offset @kept)
        """;

    private const string OfSql = """
        select application, scope, kind, service, fingerprint, capabilities, limits, shown, refuted, attested_at
          from services.attestation
         where application = @application and scope = @scope
         order by attested_at desc, kind, service
        """;

    public async Task Put(Attestation shown, CancellationToken cancellation)
    {
        var row = new
        {
            application = shown.Scope.Application.Value,
            scope = shown.Scope.Scope.Value,
            kind = Word.Of(shown.Kind),
            service = shown.Service.Value,
            fingerprint = shown.Fingerprint,
            capabilities = JsonSerializer.Serialize(shown.Capabilities, FuryJson.Options),
            limits = JsonSerializer.Serialize(shown.Limits, FuryJson.Options),
            shown = JsonSerializer.Serialize(shown.Shown, FuryJson.Options),
            refuted = JsonSerializer.Serialize(shown.Refuted, FuryJson.Options),
            at = shown.At.UtcDateTime,
            kept = RoutesKeptMax,
        };
        await using var connection = await database.Open(cancellation);
        await connection.ExecuteAsync(new CommandDefinition(PutSql, row, cancellationToken: cancellation));
    }

    public async Task<IReadOnlyList<Attestation>> Of(ScopeRef scope, CancellationToken cancellation)
    {
        var parameters = new { application = scope.Application.Value, scope = scope.Scope.Value };
        await using var connection = await database.Open(cancellation);
        return [.. (await connection.QueryAsync<Row>(new CommandDefinition(OfSql, parameters, cancellationToken: cancellation))).Select(row => row.Read())];
    }

    private sealed record Row(
        string Application, string Scope, string Kind, string Service, string Fingerprint, string Capabilities, string Limits, string Shown,
        string Refuted, DateTime AttestedAt)
    {
        public Attestation Read() => new(
            new(ApplicationName.Parse(Application), ScopeName.Parse(Scope)),
            Word.Read<ServiceKind>(Kind),
            ServiceName.Parse(Service),
            Fingerprint,
            JsonSerializer.Deserialize<Dictionary<string, string>>(Capabilities, FuryJson.Options)!,
            JsonSerializer.Deserialize<Dictionary<string, long>>(Limits, FuryJson.Options)!,
            JsonSerializer.Deserialize<List<string>>(Shown, FuryJson.Options)!,
            JsonSerializer.Deserialize<List<string>>(Refuted, FuryJson.Options)!,
            AttestedAt);
    }
}
