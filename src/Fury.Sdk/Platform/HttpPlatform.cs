using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Fury.Sdk.Checks;
using Fury.Sdk.Http;
using Fury.Sdk.Resilience;

namespace Fury.Sdk.Platform;

/// <summary>The API by HTTP: paths, checks of arguments, and each call through the one place that limits and repeats calls.</summary>
internal sealed class HttpPlatform(PlatformLine line, FuryPlatformOptions options, TimeProvider clock) : FuryPlatform
{
    private const string Applications = "api/v1/applications";
    private const int PageMax = 500;

    private static readonly Operation Get = new("get", Effect.Read);
    private static readonly Operation List = new("list", Effect.Read);
    private static readonly Operation Watch = new("watch", Effect.Read);
    private static readonly Operation Put = new("put", Effect.Idempotent);

    // Under an idempotency key.
    private static readonly Operation Start = new("start", Effect.Recognised);
    private static readonly Operation RollBack = new("roll-back", Effect.Recognised);
    private static readonly Operation Command = new("command", Effect.Recognised);

    private static readonly BindingInfo Info = new("platform", "fury", "", "direct", 0, BindingState.Single);

    private readonly CallPipeline _pipeline = new(options.Policy, clock);

    public static HttpPlatform Open(FuryPlatformOptions options, TimeProvider clock)
    {
        Check.Between("Patience", options.Patience, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1));
        var http = options.Handler is { } given ? new HttpMessageInvoker(given) : HttpConnections.Open();
        return new HttpPlatform(new PlatformLine(http, options.ReadAddress(), options.ReadToken), options, clock);
    }

    public override Task<PlatformApplication?> GetApplicationAsync(string application, CancellationToken cancellationToken = default) =>
        Find(Application(application), PlatformApiJson.Default.PlatformApplication, cancellationToken);

    public override Task<PlatformApplication> PutApplicationAsync(
        string application, ApplicationSettings settings, ETag? ifMatch = null, CancellationToken cancellationToken = default) => Send(
            Put,
            Write(HttpMethod.Put, Application(application), settings, PlatformApiJson.Default.ApplicationSettings, null) with { IfMatch = ifMatch },
            PlatformApiJson.Default.PlatformApplication,
            cancellationToken);

    public override Paged<PlatformApplication> ListApplications() => Pages(Applications, PlatformApiJson.Default.PlatformPagePlatformApplication);

    public override Task<PlatformScope?> GetScopeAsync(ScopeRef scope, CancellationToken cancellationToken = default) =>
        Find(Scope(scope), PlatformApiJson.Default.PlatformScope, cancellationToken);

    public override Task<PlatformScope> PutScopeAsync(
        ScopeRef scope, ScopeSettings settings, ETag? ifMatch = null, CancellationToken cancellationToken = default) => Send(
            Put,
            Write(HttpMethod.Put, Scope(scope), settings, PlatformApiJson.Default.ScopeSettings, null) with { IfMatch = ifMatch },
            PlatformApiJson.Default.PlatformScope,
            cancellationToken);

    public override Paged<PlatformScope> ListScopes(string application) =>
        Pages($"{Application(application)}/scopes", PlatformApiJson.Default.PlatformPagePlatformScope);

    public override Task<ScopeStatus?> GetStatusAsync(ScopeRef scope, CancellationToken cancellationToken = default) =>
        Find($"{Scope(scope)}/status", PlatformApiJson.Default.ScopeStatus, cancellationToken);

    public override Task<PlatformVersion?> GetVersionAsync(string application, string version, CancellationToken cancellationToken = default) =>
        Find(Version(application, version), PlatformApiJson.Default.PlatformVersion, cancellationToken);

    public override Task<PlatformVersion> RegisterVersionAsync(
        string application, string version, VersionSettings settings, CancellationToken cancellationToken = default) => Send(
            Put,
            Write(HttpMethod.Put, Version(application, version), settings, PlatformApiJson.Default.VersionSettings, null),
            PlatformApiJson.Default.PlatformVersion,
            cancellationToken);

    public override Paged<PlatformVersion> ListVersions(string application) =>
        Pages($"{Application(application)}/versions", PlatformApiJson.Default.PlatformPagePlatformVersion);

    public override Task<Deployment> StartDeploymentAsync(
        ScopeRef scope, DeploymentWish wish, string? idempotencyKey = null, CancellationToken cancellationToken = default) => Send(
            Start,
            Write(HttpMethod.Post, $"{Scope(scope)}/deployments", wish, PlatformApiJson.Default.DeploymentWish, Key(idempotencyKey)),
            PlatformApiJson.Default.Deployment,
            cancellationToken);

    public override Task<Deployment> RollBackAsync(
        ScopeRef scope, RollbackWish? wish = null, string? idempotencyKey = null, CancellationToken cancellationToken = default) => Send(
            RollBack,
            Write(HttpMethod.Post, $"{Scope(scope)}/rollback", wish ?? new RollbackWish(), PlatformApiJson.Default.RollbackWish, Key(idempotencyKey)),
            PlatformApiJson.Default.Deployment,
            cancellationToken);

    public override Task<Deployment?> GetDeploymentAsync(Guid deployment, CancellationToken cancellationToken = default) =>
        Find(Deployment(deployment), PlatformApiJson.Default.Deployment, cancellationToken);

    public override Paged<Deployment> ListDeployments(ScopeRef scope) =>
        Pages($"{Scope(scope)}/deployments", PlatformApiJson.Default.PlatformPageDeployment);

    public override Task<Deployment> CommandAsync(
        Guid deployment, DeploymentCommand command, string? reason = null, string? idempotencyKey = null, CancellationToken cancellationToken = default)
    {
        var word = Enum.IsDefined(command)
            ? JsonNamingPolicy.KebabCaseLower.ConvertName(command.ToString())
            : throw Failure.Invalid($"command is {(int)command}; right is one of DeploymentCommand.");
        return Send(
            Command,
            Write(HttpMethod.Post, $"{Deployment(deployment)}/{word}", new CommandWish(reason), PlatformApiJson.Default.CommandWish, Key(idempotencyKey)),
            PlatformApiJson.Default.Deployment,
            cancellationToken);
    }

    public override IAsyncEnumerable<DeploymentEvent> WatchAsync(Guid deployment, long after = 0, CancellationToken cancellationToken = default)
    {
        Check.Between("after", after, 0, long.MaxValue);
        var path = $"{Deployment(deployment)}/events";
        return new DeploymentWatch(
            (number, stop) => Call(Watch, (path, number), static (line, _, state, stop) => line.Open(state.path, state.number, stop), stop),
            async stop => await GetDeploymentAsync(deployment, stop) is { IsEnded: true },
            options.Patience,
            clock).Follow(after, cancellationToken);
    }

    /// <summary>Null when the platform says that there is none; whoever else says 404 is not believed.</summary>
    private async Task<T?> Find<T>(string path, JsonTypeInfo<T> json, CancellationToken cancellation)
        where T : class
    {
        try
        {
            return await Send(Get, new PlatformRequest(HttpMethod.Get, path), json, cancellation);
        }
        catch (FuryException absent) when (absent is { Code: FuryErrorCode.NotFound, ProviderCode: not null })
        {
            return null;
        }
    }

    private CursorPaged<T> Pages<T>(string path, JsonTypeInfo<PlatformPage<T>> json)
        where T : notnull => new(async (after, limit, cancellation) =>
        {
            var query = $"?limit={Math.Min(limit, PageMax)}{(after is null ? "" : $"&after={Uri.EscapeDataString(after)}")}";
            var page = await Send(List, new PlatformRequest(HttpMethod.Get, path + query), json, cancellation);
            return new Slice<T>(page.Items ?? [], page.Next);
        });

    private Task<T> Send<T>(Operation operation, PlatformRequest request, JsonTypeInfo<T> json, CancellationToken cancellation) =>
        Call(operation, (request, json), static (line, _, state, stop) => line.Send(state.request, state.json, stop), cancellation);

    private Task<TResult> Call<TState, TResult>(
        Operation operation, TState state, Func<PlatformLine, Call, TState, CancellationToken, ValueTask<TResult>> body, CancellationToken cancellation) =>
        CallRunner.Run(_pipeline, line, new Call(Info.Service, null, Info, operation, null, default), state, body, clock, cancellation).AsTask();

    private static PlatformRequest Write<T>(HttpMethod method, string path, T body, JsonTypeInfo<T> json, string? key)
    {
        Check.NotNull(typeof(T).Name, body);
        return new(method, path, JsonSerializer.SerializeToUtf8Bytes(body, json)) { IdempotencyKey = key };
    }

    private static string Key(string? given) => given is null ? Guid.CreateVersion7().ToString()
        : given.Length is >= 1 and <= 200 && given.All(each => each is > ' ' and <= '~') ? given
        : throw Failure.Invalid($"idempotencyKey {Check.Show(given)} must be 1 to 200 visible characters of ASCII.");

    private static string Application(string application) => $"{Applications}/{Name("application", application, "-", "'shop'")}";

    private static string Scope(ScopeRef scope)
    {
        Check.NotNull("scope", scope);
        return $"{Application(scope.Application)}/scopes/{Name("scope", scope.Scope, "-", "'production-web'")}";
    }

    private static string Version(string application, string version) =>
        $"{Application(application)}/versions/{Uri.EscapeDataString(Name("version", version, "-.+", "'1.4.0'"))}";

    private static string Deployment(Guid deployment) => $"api/v1/deployments/{deployment}";

    /// <summary>What can only be one segment of a path; the platform knows the rest of its rules.</summary>
    private static string Name(string field, string? value, string others, string example) =>
        value is { Length: >= 1 and <= 100 }
        && char.IsAsciiLetterOrDigit(value[0])
        && value.All(each => char.IsAsciiLetterOrDigit(each) || others.Contains(each))
            ? value
            : throw Failure.Invalid($"{field} {Check.Show(value)} must be a name such as {example}.");
}
