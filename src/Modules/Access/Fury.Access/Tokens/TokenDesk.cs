using Fury.Access.Contracts;
using Fury.Access.Deciding;
using Fury.Access.Grants;
using Fury.Kernel;

namespace Fury.Access.Tokens;

/// <param name="Secret">What stands behind <c>Authorization: Bearer</c>. It is said this once.</param>
internal sealed record NewToken(ApiToken Token, string Secret);

/// <summary>Makes, rotates and proves API tokens, <c>fury_(id)_(secret)</c>.</summary>
internal sealed class TokenDesk(TokenStore store, PolicyBook book, AccessDesk access, TimeProvider clock)
{
    public const string Prefix = "fury_";
    public const int DaysDefault = 90;
    public const int DaysMax = 365;
    private const int IdLength = 32;

    /// <summary>Whoever makes it may do all of that itself.</summary>
    public async Task<Outcome<NewToken>> Create(Caller by, TokenRequest request, CancellationToken cancellation)
    {
        var check = new Validation();
        check.Require(ApplicationName.TryParse(request.Name, out _), request.Name, ApplicationName.Expected);
        check.Require(ApplicationName.TryParse(request.Role, out _), request.Role, "the name of a role");
        var level = AccessWords.Level(check, request.On, "on");
        check.Require(request.Days is null or (>= 1 and <= DaysMax), request.Days, $"1 to {DaysMax}");
        if (check.Fault is { } fault)
        {
            return fault;
        }

        if (by.Kind == CallerKind.Token)
        {
            return new Fault(FaultKind.Forbidden, "A token makes no tokens. Log in as a person, or use the token of the host's settings.");
        }

        if (await Missing(by, request.Role!, level!, cancellation) is { } missing)
        {
            return new Fault(FaultKind.Forbidden, missing);
        }

        var now = clock.GetUtcNow();
        var token = new ApiToken(
            Guid.CreateVersion7(now), request.Name!, request.Role!, $"{level}", by.Kind == CallerKind.User ? by.Name : null, by.Name, now,
            now.AddDays(request.Days ?? DaysDefault), null, null, null);
        var secret = Secret.New();
        var grant = new Grant(Guid.CreateVersion7(now), token.Role, new(SubjectKind.Token, token.Name), level!);
        var added = await store.Add(token, Secret.Hash(secret), by.Groups, grant, cancellation);
        book.Forget();
        return added.Then<NewToken>(made => new NewToken(made, Text(made.Id, secret)));
    }

    public async Task<Outcome<NewToken>> Rotate(Caller by, string name, RotateRequest request, CancellationToken cancellation)
    {
        if (by.Kind == CallerKind.Token)
        {
            // Whoever has stolen one, or has its last secret, would keep it for ever, and whose it is would be shut out.
            return new Fault(FaultKind.Forbidden, "A token rotates no tokens. Log in as a person, or use the token of the host's settings.");
        }

        var check = new Validation();
        check.Require(request.Days is null or (>= 1 and <= DaysMax), request.Days, $"1 to {DaysMax}");
        check.Require(request.KeepHours is null or (>= 0 and <= 168), request.KeepHours, "0 to 168");
        if (check.Fault is { } fault)
        {
            return fault;
        }

        var (now, secret) = (clock.GetUtcNow(), Secret.New());
        var administers = await Administers(by, cancellation);
        DateTimeOffset? until = request.KeepHours is { } hours and > 0 ? now.AddHours(hours) : null;
        var rotated = await store.Rotate(
            name,
            token => Refuses(by, administers, token) ?? (token.RevokedAt is null ? null : Fault.Conflict($"The token '{name}' is revoked.")),
            Secret.Hash(secret), until, now.AddDays(request.Days ?? DaysDefault), cancellation);
        return rotated.Then<NewToken>(made => new NewToken(made, Text(made.Id, secret)));
    }

    public async Task<Outcome<ApiToken>> Revoke(Caller by, string name, CancellationToken cancellation)
    {
        var administers = await Administers(by, cancellation);
        var revoked = await store.Revoke(name, token => Refuses(by, administers, token), clock.GetUtcNow(), cancellation);
        book.Forget();
        return revoked;
    }

    /// <summary>All, for administrators; else one's own.</summary>
    public async Task<Page<ApiToken>> List(Caller by, Guid? after, int limit, CancellationToken cancellation) =>
        await store.List(after, limit, await Administers(by, cancellation) ? null : OwnerOf(by), cancellation);

    /// <summary>The token whose secret it is. The use is noted.</summary>
    public async Task<Outcome<Caller>> Identify(string credential, string? from, CancellationToken cancellation)
    {
        var text = credential[Prefix.Length..];
        if (text.Length < IdLength + 2 || text[IdLength] != '_' || !Guid.TryParseExact(text[..IdLength], "N", out var id)
            || await store.Find(id, cancellation) is not { } row)
        {
            return Unknown;
        }

        var (now, secret) = (clock.GetUtcNow(), text[(IdLength + 1)..]);
        var isOld = row.PreviousUntil is { } until && new DateTimeOffset(until) > now && Secret.IsOf(row.PreviousHash, secret);
        if (!Secret.IsOf(row.Hash, secret) && !isOld)
        {
            return Unknown;
        }

        if (row.RevokedAt is not null || new DateTimeOffset(row.ExpiresAt) <= now)
        {
            return new Fault(FaultKind.Unauthenticated, $"The token '{row.Name}' {(row.RevokedAt is null ? "has expired" : "is revoked")}.");
        }

        if (row.LastUsedAt is not { } last || now - new DateTimeOffset(last) > TimeSpan.FromMinutes(1))
        {
            await store.Used(row.Id, from, now, cancellation);
        }

        return row.ToCaller(now);
    }

    private static Fault Unknown => new(FaultKind.Unauthenticated, "There is no such token.");

    private static string Text(Guid id, string secret) => $"{Prefix}{id:N}_{secret}";

    private static string? OwnerOf(Caller by) => by.Kind == CallerKind.User ? by.Name : by.Owner?.Name ?? "";

    /// <summary>A token of somebody else is not there.</summary>
    private static Fault? Refuses(Caller by, bool administers, ApiToken token) =>
        administers || (by.Kind == CallerKind.User && token.Owner == by.Name) || (by.Kind == CallerKind.Token && token.Name == by.Name)
            ? null
            : Fault.NotFound("token", token.Name);

    private async Task<bool> Administers(Caller by, CancellationToken cancellation) =>
        (await access.Decide(by, Permission.Administer, Target.Organisation, cancellation)).Allowed;

    /// <summary>A sentence about the first permission of the role that the maker does not have on the whole level; null: there is none.</summary>
    private async Task<string?> Missing(Caller by, string role, Level level, CancellationToken cancellation)
    {
        var policy = await book.Current(cancellation);
        var facts = level.Kind switch
        {
            LevelKind.Team => new Facts(null, null, level.Value, null),
            LevelKind.Criticality => new(null, null, null, Word.Read<Criticality>(level.Value)),
            LevelKind.Application => await access.Facts(policy, by, new(ApplicationName.Parse(level.Value), null), cancellation),
            _ => Facts.Organisation,
        };
        var decisions = policy.Of(role).Order().Select(permission => Decide.On(policy, by, permission, facts));
        return decisions.FirstOrDefault(decision => !decision.Allowed) is { } refused
            ? $"Whoever makes a token may do itself what the token may: {refused.Why}"
            : null;
    }
}
