using System.Collections.Concurrent;
using Fury.Hosting;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Fury.Deployments.Webhooks;

/// <summary>
/// Delivers what is due. Each webhook is worked off by itself, so that a slow one keeps nobody waiting but itself; hosts share the work, since what one has
/// claimed no other is given. A host that dies leaves its claims to run out.
/// </summary>
internal sealed partial class Courier(DeliveryStore store, WebhookClient client, TimeProvider clock, ILogger<Courier> log)
    : IReconciler, IHostedService, IDisposable
{
    public const string ReconcilerName = "deployments-webhooks";

    /// <summary>Of one webhook on one host.</summary>
    private const int AtOnceMax = 8;

    /// <summary>Longer than an attempt may take, by far.</summary>
    private static readonly TimeSpan ClaimSpan = 3 * WebhookClient.Timeout;

    private readonly ConcurrentDictionary<string, Task> _working = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stopping = new();

    public string Name => ReconcilerName;

    public TimeSpan Period { get; } = TimeSpan.FromSeconds(1);

    public bool OncePerPlatform => false;

    /// <summary>Begins to work off each webhook that has something due, and does not wait for the end of it.</summary>
    public async Task Pass(long fence, CancellationToken cancellation)
    {
        foreach (var (webhook, _) in _working.Where(work => work.Value.IsCompleted))
        {
            _working.TryRemove(webhook, out _);
        }

        foreach (var webhook in await store.Due(clock.GetUtcNow(), cancellation))
        {
            if (!_stopping.IsCancellationRequested && !_working.ContainsKey(webhook))
            {
                // It outlives the pass, and must not log or trace in its name.
                using (ExecutionContext.SuppressFlow())
                {
                    _working[webhook] = Task.Run(() => Work(webhook), CancellationToken.None);
                }
            }
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>What is under way is cut off, and tried again by whoever is there.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await Task.WhenAll(_working.Values).WaitAsync(cancellationToken);
    }

    public void Dispose()
    {
        _stopping.Dispose();
        GC.SuppressFinalize(this);
    }

    private async Task Work(string webhook)
    {
        try
        {
            while (await Claim(webhook) is { Count: > 0 } due)
            {
                await Task.WhenAll(due.Select(Deliver));
            }
        }
        catch (Exception failure) when (!_stopping.IsCancellationRequested)
        {
            // The next pass begins anew; what was claimed is due again when the claims run out.
            NotWorkedOff(log, failure, webhook);
        }
        catch (OperationCanceledException)
        {
            // The host stops.
        }
    }

    private Task<IReadOnlyList<Delivery>> Claim(string webhook)
    {
        var now = clock.GetUtcNow();
        return store.Claim(webhook, now, now + ClaimSpan, AtOnceMax, _stopping.Token);
    }

    private async Task Deliver(Delivery delivery)
    {
        var error = await client.Post(delivery, _stopping.Token);
        var now = clock.GetUtcNow();
        if (error is null)
        {
            await store.End(delivery, DeliveryState.Delivered, null, now, _stopping.Token);
            WebhookMetrics.Attempted(delivery.Webhook, "delivered");
            WebhookMetrics.Delivered(delivery.Webhook, now - delivery.Notice.At);
        }
        else if (Retries.After(delivery.Attempts, now - delivery.Since) is { } pause)
        {
            await store.Retry(delivery, now + pause, error, _stopping.Token);
            WebhookMetrics.Attempted(delivery.Webhook, "failed");
        }
        else
        {
            await store.End(delivery, DeliveryState.Dead, error, now, _stopping.Token);
            WebhookMetrics.Attempted(delivery.Webhook, "dead");
            GivenUp(log, delivery.Id, delivery.Webhook, delivery.Attempts, error);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Webhook {Webhook} could not be worked off.")]
    private static partial void NotWorkedOff(ILogger log, Exception failure, string webhook);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Delivery {Delivery} of webhook {Webhook} is given up after {Attempts} attempts: {Error}")]
    private static partial void GivenUp(ILogger log, long delivery, string webhook, int attempts, string error);
}
