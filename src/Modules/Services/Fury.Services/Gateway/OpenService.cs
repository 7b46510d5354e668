using Fury.Catalog.Contracts;
using Fury.Sdk;
using Fury.Sdk.Bindings;
using Fury.Sdk.Drivers;
using ServiceBinding = Fury.Sdk.Bindings.ServiceBinding;
using ServiceKind = Fury.Catalog.Contracts.ServiceKind;
using ServiceRoute = Fury.Sdk.Bindings.ServiceRoute;

namespace Fury.Services.Gateway;

/// <summary>A service of a scope as it is asked for.</summary>
/// <param name="Filter">Of a subscription: what it filters by, as it was said; empty without one.</param>
internal sealed record OpenKey(BoundService Service, string Filter = "");

/// <summary>One service of a scope with what stands behind it. Safe for threads.</summary>
internal sealed class OpenService(OpenKey key, ServiceNeed need, Binder binder, TimeProvider clock) : IAsyncDisposable
{
    /// <summary>For how long the driver of the binding before lives, so that its calls end.</summary>
    public static readonly TimeSpan DrainTimeout = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan OpenTimeout = TimeSpan.FromSeconds(10);

    /// <summary>For how long a move's step before the present one is served beside it; what came last has time to end.</summary>
    private static readonly TimeSpan NeighbourMax = DrainTimeout - TimeSpan.FromSeconds(5);

    /// <summary>For how long what could not be opened is not tried again.</summary>
    private static readonly TimeSpan RefusalKept = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _binding = new(1);
    private readonly ServiceChannel<IDriver> _channel = new(need.Name, need.Kind, clock);
    private Neighbour? _neighbour;
    private ServiceBinding[] _bound = [];
    private (long Epoch, long At, FuryException Error)? _refused;
    private int _users;
    private long _usedAt = clock.GetTimestamp();
    private bool _closed;

    public OpenKey Key => key;

    /// <summary>What is and was in force last.</summary>
    public IReadOnlyList<ServiceBinding> Bound => Volatile.Read(ref _bound);

    public long UsedAt => Volatile.Read(ref _usedAt);

    public bool IsIdle => Volatile.Read(ref _users) == 0;

    public bool IsClosed => Volatile.Read(ref _closed);

    /// <summary>False when it is closed: then there is another one.</summary>
    public bool TryUse()
    {
        lock (_gate)
        {
            _users += _closed ? 0 : 1;
            return !_closed;
        }
    }

    public void Leave()
    {
        lock (_gate)
        {
            _users--;
            _usedAt = clock.GetTimestamp();
        }
    }

    /// <summary>True for the one who closes it, as nobody has used it for so long.</summary>
    public bool TryClose(TimeSpan idle)
    {
        lock (_gate)
        {
            return !_closed && _users == 0 && clock.GetElapsedTime(_usedAt) >= idle && (_closed = true);
        }
    }

    /// <summary>
    /// What is in force, for a call by this epoch. The first call by a new one brings it into force. Until then the one before is served, since what is behind
    /// the new one might not even open; but never an earlier one than that: those who had it were given up before the newest began. Two steps of a move that
    /// are neighbours are served beside each other, as each instance works by its own.
    /// </summary>
    /// <param name="newest">What is bound now.</param>
    public async ValueTask<Generation<IDriver>> Enter(ServiceBinding newest, long epoch, CancellationToken cancellation)
    {
        if (epoch == newest.Epoch && epoch > _channel.Binding.Epoch)
        {
            await Bind(newest, cancellation);
        }

        if (newest.Epoch - epoch is 0 or 1 && (Present(epoch) ?? Before(epoch)) is { } generation)
        {
            return generation;
        }

        throw new FuryException(
            FuryErrorCode.StaleBinding, $"'{need.Name}' is asked by its binding of epoch {epoch}, and that of epoch {newest.Epoch} is the newest.")
        { IsTransient = true };
    }

    public async ValueTask DisposeAsync() => await _channel.DisposeAsync();

    private Generation<IDriver>? Present(long epoch)
    {
        if (_channel.Binding.Epoch != epoch)
        {
            return null;
        }

        var generation = _channel.Enter();
        if (generation.Binding.Epoch == epoch)
        {
            return generation;
        }

        generation.Exit();
        return null;
    }

    private Generation<IDriver>? Before(long epoch) =>
        Volatile.Read(ref _neighbour) is var (generation, at)
        && generation.Binding.Epoch == epoch && clock.GetElapsedTime(at) < NeighbourMax && generation.TryEnter()
            ? generation
            : null;

    private async Task Bind(ServiceBinding binding, CancellationToken cancellation)
    {
        await _binding.WaitAsync(cancellation);
        try
        {
            if (_channel.Binding.Epoch >= binding.Epoch)
            {
                return;
            }

            if (_refused is { } refused && refused.Epoch == binding.Epoch && clock.GetElapsedTime(refused.At) < RefusalKept)
            {
                throw refused.Error;
            }

            using var slow = new CancellationTokenSource(OpenTimeout, clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(slow.Token, cancellation);
            // Of a move it goes on beside the next: entered here, and not left, it lives until it is drained in vain.
            var before = binding.TokenEpoch is not null && _channel.Binding.Epoch == binding.Epoch - 1 ? _channel.Enter() : null;
            var neighbour = before is null ? null : new Neighbour(before, clock.GetTimestamp());
            var last = Interlocked.Exchange(ref _neighbour, neighbour);
            try
            {
                await binder.Bind(_channel, need, binding, either.Token);
                Volatile.Write(ref _neighbour, neighbour is null ? null : neighbour with { At = clock.GetTimestamp() });
                Volatile.Write(ref _bound, [binding, .. _bound.Take(1)]);
            }
            catch (Exception error)
            {
                Volatile.Write(ref _neighbour, last);
                before?.Exit();
                if (cancellation.IsCancellationRequested)
                {
                    throw;
                }

                var known = error as FuryException ?? new FuryException(FuryErrorCode.Unavailable, "It does not answer.") { IsTransient = true };
                var told = new FuryException(
                    known.Code, $"What stands behind '{need.Name}' cannot be used by the platform: {Hidden.Of(known, Hidden.RoutesOf([binding]))}")
                {
                    IsTransient = known.IsTransient,
                };
                _refused = (binding.Epoch, clock.GetTimestamp(), told);
                throw told;
            }
        }
        finally
        {
            _binding.Release();
        }
    }

    /// <param name="At">Since when another one is in force.</param>
    private sealed record Neighbour(Generation<IDriver> Generation, long At);
}

/// <summary>One call's use of a service.</summary>
internal sealed class Visit(OpenService service, ServiceBinding newest, Generation<IDriver> generation) : IDisposable
{
    public IDriver Driver => generation.Driver;

    /// <summary>
    /// Its provider is left at once: an instance of the step before may still write to the source, so nobody writes to the target yet. A queue has both.
    /// </summary>
    public bool IsLeaving => generation.Binding.State == BindingState.Evacuated && service.Key.Service.Kind != ServiceKind.Queue;

    /// <summary>An error as the instance may know it: with nothing of what opens the provider, or of where it is.</summary>
    public FuryException Told(Exception error)
    {
        var known = error switch
        {
            FuryException failure => failure,
            NotSupportedException => new FuryException(FuryErrorCode.CapabilityNotSupported, "The provider cannot do this."),
            _ => Driver.Translate(error),
        };
        var routes = Hidden.RoutesOf([newest, .. service.Bound]);
        var text = error is FuryException ? Hidden.Of(known, routes) : $"{known.Code}.";
        return new FuryException(known.Code, text)
        {
            IsTransient = known.IsTransient,
            OutcomeUnknown = known.OutcomeUnknown,
            RetryAfter = known.RetryAfter,
            ProviderCode = Hidden.Shows(known.ProviderCode, routes) ? null : known.ProviderCode,
            RequestId = Hidden.Shows(known.RequestId, routes) ? null : known.RequestId,
        };
    }

    public void Dispose()
    {
        generation.Exit();
        service.Leave();
    }
}

/// <summary>What errors of a provider must not say to an instance.</summary>
internal static class Hidden
{
    private const string Credential = "env:";
    private const int SecretLengthMin = 4;

    public static IReadOnlyList<ServiceRoute> RoutesOf(IReadOnlyList<ServiceBinding> bindings) =>
        [.. bindings.Select(each => each.Route), .. bindings.Select(each => each.Move?.Target).OfType<ServiceRoute>()];

    /// <summary>The error's text, or its code alone where the text says too much.</summary>
    public static string Of(FuryException error, IReadOnlyList<ServiceRoute> routes) => Shows(error.Message, routes) ? $"{error.Code}." : error.Message;

    public static bool Shows(string? text, IReadOnlyList<ServiceRoute> routes) =>
        text is not null && routes.SelectMany(Secrets).Any(each => text.Contains(each, StringComparison.Ordinal));

    /// <summary>Where the provider is, and the credential with the names of its variables.</summary>
    private static IEnumerable<string> Secrets(ServiceRoute route)
    {
        if (route.Endpoint is { Host.Length: > 0 } endpoint)
        {
            yield return endpoint.Host;
        }

        var named = route.Credential is { } text && text.StartsWith(Credential, StringComparison.Ordinal) ? text[Credential.Length..].Split(',') : [];
        foreach (var name in named)
        {
            yield return name;
            if (Environment.GetEnvironmentVariable(name) is { Length: >= SecretLengthMin } value)
            {
                yield return value;
            }
        }
    }
}
