using Fury.Sdk.Bindings;
using Fury.Sdk.Caching;
using Microsoft.Extensions.Hosting;

namespace Fury.Sdk.Hosting;

/// <summary>Binds every declared service before the application starts, and follows the source of bindings until it ends.</summary>
internal sealed class BindingLoop(FuryRuntime runtime, Binder binder, IBindingSource source, FuryOptions options, TimeProvider clock)
    : IHostedService, IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource<FuryException> _refused = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _following = Task.CompletedTask;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _following = Task.WhenAll([Follow(_stop.Token), .. Caches().Select(cache => cache.Watch(_stop.Token))]);
        var ready = Task.WhenAll(runtime.Services.Select(each => each.Channel.Ready));
        try
        {
            if (await Task.WhenAny(ready, _refused.Task).WaitAsync(options.StartTimeout, clock, cancellationToken) == _refused.Task)
            {
                throw await _refused.Task;
            }
        }
        catch (TimeoutException)
        {
            var missing = runtime.Services.Where(each => !each.Channel.Ready.IsCompleted).Select(each => each.Need.Name);
            throw new FuryException(
                FuryErrorCode.NotBound, $"Not bound within {options.StartTimeout}: {string.Join(", ", missing)}.")
            { IsTransient = true };
        }
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync();
        await _following.WaitAsync(cancellationToken).ContinueWith(_ => { }, TaskScheduler.Default);
    }

    public void Dispose() => _stop.Dispose();

    private IEnumerable<PortableCache> Caches() => runtime.Services.Select(each => each.Handle).OfType<PortableCache>();

    private async Task Follow(CancellationToken stop)
    {
        List<ServiceNeed> needs = [.. runtime.Services.Select(each => each.Need)];
        try
        {
            await foreach (var binding in source.WatchAsync(needs, stop))
            {
                await Apply(binding, stop);
            }
        }
        catch (OperationCanceledException)
        {
            // The application stops.
        }
        catch (FuryException failure)
        {
            // The source has nothing more to say: at the start that is the reason not to start.
            _refused.TrySetResult(failure);
        }
    }

    private async Task Apply(ServiceBinding binding, CancellationToken stop)
    {
        if (runtime.Find(binding.Kind, binding.Service) is not { } service)
        {
            // Of a service that this version of the application does not use.
            return;
        }

        try
        {
            var wasMoving = service.Channel.Binding.State is not (BindingState.Unbound or BindingState.Single);
            var drained = await binder.Bind(service.Channel, service.Need, binding, stop);
            if (wasMoving || binding.Move is not null || binding.TokenEpoch is not null)
            {
                // Who moves data goes on only when no call works by the phase before any more; behind the gateway only the epoch of tokens tells of it.
                await drained.WaitAsync(stop);
            }

            source.Report(binding, null);
        }
        catch (FuryException refusal)
        {
            // What was bound before stays; what has nothing else cannot start.
            source.Report(binding, refusal);
            if (!service.Channel.Ready.IsCompleted)
            {
                _refused.TrySetResult(refusal);
            }
        }
    }
}
