using Dapper;
using Fury.Catalog.Contracts;
using Fury.Hosting;
using Fury.Kernel;

namespace Fury.Catalog.Bindings;

/// <summary>What an instance says of one of its bindings.</summary>
/// <param name="Epoch">Which is in force; 0 when none is.</param>
/// <param name="Refused">Why it does not take the newest.</param>
internal sealed record Held(ServiceKind Kind, ServiceName Service, long Epoch, string? Refused);

/// <summary>All that an instance says at once.</summary>
/// <param name="IsNews">False: it has said the same before.</param>
/// <param name="IsLeaving">It stops, and holds nothing any more.</param>
internal sealed record Holding(ScopeRef Scope, string Instance, IReadOnlyList<Held> Holds, bool IsNews, bool IsLeaving);

/// <summary>Which instance has which epoch in force, as they say themselves.</summary>
internal sealed class HolderStore(IDatabase database)
{
    /// <summary>Instances ask every 30 s at the latest: who was silent for so long is gone, and holds up nobody.</summary>
    public static readonly TimeSpan SilentMax = TimeSpan.FromSeconds(100);

    private const int BehindMax = 50;

    /// <summary>What says the same as before is written once in so long, so that a fleet at rest costs little.</summary>
    private static readonly TimeSpan SeenGap = TimeSpan.FromSeconds(45);

    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(15);

    // In the order of the key, so that two hosts at once wait for each other and do not block each other.
    private const string KeepSql = """
        insert into catalog.binding_holder as kept (application, scope, kind, service, instance, epoch, refused, seen_at)
        select application, scope, kind, service, instance, epoch, refused, now()
          from unnest(@applications, @scopes, @kinds, @services, @instances, @epochs, @refused)
               as told (application, scope, kind, service, instance, epoch, refused)
         order by application, scope, kind, service, instance
        on conflict (application, scope, kind, service, instance) do update
           set epoch = excluded.epoch, refused = excluded.refused, seen_at = excluded.seen_at
         where kept.epoch <> excluded.epoch or kept.refused is distinct from excluded.refused or kept.seen_at < now() - @gap
        """;

    private const string LeaveSql = """
        delete from catalog.binding_holder using unnest(@applications, @scopes, @instances) as left_ones (application, scope, instance)
         where (binding_holder.application, binding_holder.scope, binding_holder.instance)
             = (left_ones.application, left_ones.scope, left_ones.instance)
        """;

    private const string StatusSql = """
        select instance, epoch, refused, seen_at
          from catalog.binding_holder
         where application = @application and scope = @scope and kind = @kind and service = @service and seen_at > now() - @silent
         order by seen_at
        """;

    private const string ForgetSql = "delete from catalog.binding_holder where seen_at < now() - @kept";

    /// <summary>Keeps what these say, and forgets those that leave.</summary>
    public async Task Keep(IReadOnlyCollection<Holding> told, CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        var leaving = told.Where(one => one.IsLeaving).ToList();
        var held = told.Except(leaving).SelectMany(one => one.Holds, (one, hold) => (one, hold)).ToList();
        if (held.Count > 0)
        {
            var rows = new
            {
                applications = held.Select(each => each.one.Scope.Application.Value).ToArray(),
                scopes = held.Select(each => each.one.Scope.Scope.Value).ToArray(),
                kinds = held.Select(each => Word.Of(each.hold.Kind)).ToArray(),
                services = held.Select(each => each.hold.Service.Value).ToArray(),
                instances = held.Select(each => each.one.Instance).ToArray(),
                epochs = held.Select(each => each.hold.Epoch).ToArray(),
                refused = held.Select(each => each.hold.Refused).ToArray(),
                gap = SeenGap,
            };
            await connection.ExecuteAsync(new CommandDefinition(KeepSql, rows, cancellationToken: cancellation));
        }

        if (leaving.Count > 0)
        {
            var rows = new
            {
                applications = leaving.Select(one => one.Scope.Application.Value).ToArray(),
                scopes = leaving.Select(one => one.Scope.Scope.Value).ToArray(),
                instances = leaving.Select(one => one.Instance).ToArray(),
            };
            await connection.ExecuteAsync(new CommandDefinition(LeaveSql, rows, cancellationToken: cancellation));
        }
    }

    public Task<BindingStatus> Status(ServiceBinding binding, CancellationToken cancellation) => Status(binding, SilentMax, cancellation);

    /// <param name="silent">Who was silent for longer is gone.</param>
    public async Task<BindingStatus> Status(ServiceBinding binding, TimeSpan silent, CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        var parameters = new
        {
            application = binding.Scope.Application.Value,
            scope = binding.Scope.Scope.Value,
            kind = Word.Of(binding.Kind),
            service = binding.Service.Value,
            silent,
        };
        var rows = await connection.QueryAsync<(string Instance, long Epoch, string? Refused, DateTime SeenAt)>(
            new CommandDefinition(StatusSql, parameters, cancellationToken: cancellation));
        var holders = rows.Select(row => new BindingHolder(row.Instance, row.Epoch, row.Refused, row.SeenAt)).ToList();
        var behind = holders.Where(holder => holder.Epoch != binding.Epoch).ToList();
        return new(binding, holders.Count - behind.Count, [.. behind.Take(BehindMax)]);
    }

    /// <summary>Forgets instances that were silent for long.</summary>
    public async Task Forget(CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        await connection.ExecuteAsync(new CommandDefinition(ForgetSql, new { kept = Kept }, cancellationToken: cancellation));
    }
}
