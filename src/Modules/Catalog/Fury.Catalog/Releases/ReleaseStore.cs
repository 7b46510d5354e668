using System.Text.Json;
using Dapper;
using Fury.Catalog.Contracts;
using Fury.Hosting;
using Fury.Kernel;

namespace Fury.Catalog.Releases;

internal sealed class ReleaseStore(IDatabase database)
{
    private const string InsertSql = """
        insert into catalog.release (id, digest, application, scope, version, content, created_at)
        values (@id, @digest, @application, @scope, @version, @content::jsonb, @createdAt)
        on conflict (id) do nothing
        """;

    private const string FindSql = """
        select id, digest, content, created_at
          from catalog.release
         where id = @id
        """;

    private const string ListSql = """
        select id, digest, content, created_at
          from catalog.release
         where application = @application and scope = @scope
           and (@after::text is null or number < (select number from catalog.release where id = @after))
         order by number desc
         limit @rows
        """;

    /// <summary>Keeps the content under its hash. Whoever asks first sets the time; the same content again changes nothing.</summary>
    public async Task<Outcome<Release>> Keep(ReleaseContent content, DateTimeOffset now, CancellationToken cancellation)
    {
        var digest = content.Digest();
        var id = ReleaseContent.IdOf(digest);
        var parameters = new
        {
            id = id.Value,
            digest,
            application = content.Scope.Application.Value,
            scope = content.Scope.Scope.Value,
            version = content.Version.Value,
            content = JsonSerializer.Serialize(content, FuryJson.Options),
            createdAt = now.UtcDateTime,
        };
        await using var connection = await database.Open(cancellation);
        await connection.ExecuteAsync(new CommandDefinition(InsertSql, parameters, cancellationToken: cancellation));
        var row = await connection.QuerySingleAsync<Row>(new CommandDefinition(FindSql, parameters, cancellationToken: cancellation));

        // The id is a quarter of the hash: two contents that share it are unlikely, not impossible.
        return row.Digest == digest
            ? row.ToRelease()
            : Fault.Conflict($"Another release already has the id {id}. Change any setting of the scope by a little, and try again.");
    }

    public async Task<Outcome<Release>> Find(ReleaseId release, CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        var row = await connection.QuerySingleOrDefaultAsync<Row>(
            new CommandDefinition(FindSql, new { id = release.Value }, cancellationToken: cancellation));
        return row is null ? Fault.NotFound("release", release) : row.ToRelease();
    }

    /// <summary>Those of one scope, newest first.</summary>
    public async Task<Page<Release>> List(ScopeRef scope, PageQuery page, CancellationToken cancellation)
    {
        var parameters = new { application = scope.Application.Value, scope = scope.Scope.Value, after = page.After, rows = page.Limit + 1 };
        await using var connection = await database.Open(cancellation);
        var rows = await connection.QueryAsync<Row>(new CommandDefinition(ListSql, parameters, cancellationToken: cancellation));
        return Page<Release>.Of([.. rows.Select(row => row.ToRelease())], page.Limit, release => release.Id.Value);
    }

    private sealed record Row(string Id, string Digest, string Content, DateTime CreatedAt)
    {
        public Release ToRelease()
        {
            var content = JsonSerializer.Deserialize<ReleaseContent>(Content, FuryJson.Options)!;
            return new(ReleaseId.Parse(Id), content.Scope, content.Version, content.Artifact, content.Environment, content.Compute, content.Size,
                content.MinReplicas, content.MaxReplicas, content.HealthPath, CreatedAt)
            {
                ForwardOnly = content.ForwardOnly,
            };
        }
    }
}
