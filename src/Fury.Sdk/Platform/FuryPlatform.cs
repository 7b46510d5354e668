namespace Fury.Sdk.Platform;

/// <summary>
/// The platform's own API: applications, their scopes and versions, and deployments. What is absent is null; what is refused or fails is a
/// <see cref="FuryException"/> with the platform's own words, its <c>kind</c> as <see cref="FuryException.ProviderCode"/> and what else it says as
/// <see cref="FuryException.Facts"/>. A call whose answer was lost is repeated, and does not happen twice.
/// </summary>
public abstract class FuryPlatform
{
    /// <summary>For programs without dependency injection; for as long as the process lives.</summary>
    /// <exception cref="FuryException">No address is named, or one that is none.</exception>
    public static FuryPlatform Connect(FuryPlatformOptions? options = null) => HttpPlatform.Open(options ?? new FuryPlatformOptions(), TimeProvider.System);

    public abstract Task<PlatformApplication?> GetApplicationAsync(string application, CancellationToken cancellationToken = default);

    /// <summary>Creates it; one that has these settings already is answered as it is.</summary>
    /// <param name="ifMatch">Of an application that is to be changed: what was read.</param>
    public abstract Task<PlatformApplication> PutApplicationAsync(
        string application, ApplicationSettings settings, ETag? ifMatch = null, CancellationToken cancellationToken = default);

    /// <summary>In the order of their names.</summary>
    public abstract Paged<PlatformApplication> ListApplications();

    public abstract Task<PlatformScope?> GetScopeAsync(ScopeRef scope, CancellationToken cancellationToken = default);

    /// <summary>Creates it; one that has these settings already is answered as it is.</summary>
    /// <param name="ifMatch">Of a scope that is to be changed: what was read.</param>
    public abstract Task<PlatformScope> PutScopeAsync(
        ScopeRef scope, ScopeSettings settings, ETag? ifMatch = null, CancellationToken cancellationToken = default);

    /// <summary>In the order of their names.</summary>
    public abstract Paged<PlatformScope> ListScopes(string application);

    /// <summary>What the scope runs now, and the deployment in progress.</summary>
    public abstract Task<ScopeStatus?> GetStatusAsync(ScopeRef scope, CancellationToken cancellationToken = default);

    public abstract Task<PlatformVersion?> GetVersionAsync(string application, string version, CancellationToken cancellationToken = default);

    /// <summary>Registers it from a folder or file of the platform's machine; the same again changes nothing. A version never changes.</summary>
    public abstract Task<PlatformVersion> RegisterVersionAsync(
        string application, string version, VersionSettings settings, CancellationToken cancellationToken = default);

    /// <summary>Highest first, in the order of Semantic Versioning.</summary>
    public abstract Paged<PlatformVersion> ListVersions(string application);

    /// <summary>
    /// Begins a deployment. <see cref="FuryErrorCode.PreconditionFailed"/> with the fact <c>deploymentId</c> when another one is in progress and the wish does
    /// not say what then.
    /// </summary>
    /// <param name="idempotencyKey">The same again is answered with the deployment of the first time; null: a new one, which only this call has.</param>
    public abstract Task<Deployment> StartDeploymentAsync(
        ScopeRef scope, DeploymentWish wish, string? idempotencyKey = null, CancellationToken cancellationToken = default);

    /// <summary>Goes back to a release that was done on this scope.</summary>
    /// <param name="wish">Null: to the one before the present one.</param>
    /// <param name="idempotencyKey">As of <see cref="StartDeploymentAsync"/>.</param>
    public abstract Task<Deployment> RollBackAsync(
        ScopeRef scope, RollbackWish? wish = null, string? idempotencyKey = null, CancellationToken cancellationToken = default);

    public abstract Task<Deployment?> GetDeploymentAsync(Guid deployment, CancellationToken cancellationToken = default);

    /// <summary>Newest first.</summary>
    public abstract Paged<Deployment> ListDeployments(ScopeRef scope);

    /// <summary>Asks something of a deployment in progress; what is so already changes nothing.</summary>
    /// <param name="reason">For the record; at most 500 characters.</param>
    public abstract Task<Deployment> CommandAsync(
        Guid deployment, DeploymentCommand command, string? reason = null, string? idempotencyKey = null, CancellationToken cancellationToken = default);

    /// <summary>Turns it back, whatever its phase.</summary>
    public Task<Deployment> AbortAsync(
        Guid deployment, string? reason = null, string? idempotencyKey = null, CancellationToken cancellationToken = default) =>
        CommandAsync(deployment, DeploymentCommand.Abort, reason, idempotencyKey, cancellationToken);

    /// <summary>
    /// What happens to a deployment, each event once and in order, until the one that ends it. A stream that breaks is taken up where it broke; a platform that
    /// is away for longer than <see cref="FuryPlatformOptions.Patience"/> ends it with an error.
    /// </summary>
    /// <param name="after">The number of the last event that is known; 0: all of them.</param>
    public abstract IAsyncEnumerable<DeploymentEvent> WatchAsync(Guid deployment, long after = 0, CancellationToken cancellationToken = default);

    /// <summary>Waits for its end, however it ends: <see cref="Deployment.Phase"/> says it.</summary>
    public async Task<Deployment> WaitForEndAsync(Guid deployment, CancellationToken cancellationToken = default)
    {
        await foreach (var _ in WatchAsync(deployment, 0, cancellationToken))
        {
        }

        return await GetDeploymentAsync(deployment, cancellationToken)
            ?? throw new FuryException(FuryErrorCode.NotFound, $"The deployment {deployment} is gone.");
    }
}
