using System.Collections.Concurrent;
using Fury.Sdk;
using Fury.Sdk.Drivers;
using Fury.Sdk.Local;
using Fury.Sdk.Testing;

namespace Fury.Services.Tests.Moves;

public enum Ailment
{
    None,

    /// <summary>Every call fails.</summary>
    Dead,

    /// <summary>No call is answered.</summary>
    Silent,

    /// <summary>Reads are answered, and writes fail.</summary>
    ReadsOnly,
}

/// <summary>The local provider, some of whose resources are ill.</summary>
internal sealed class FrailProvider
{
    public const string Name = "frail";

    private static FuryException Down => new(FuryErrorCode.Unavailable, "The provider is down.") { IsTransient = true };

    private readonly ConcurrentDictionary<string, Ailment> _ill = new();
    private readonly ConcurrentDictionary<string, int> _opened = new();

    public FrailProvider()
    {
        var local = new LocalProvider(TimeProvider.System);
        Factories = [.. local.Factories.Select(factory => new DriverFactory(factory.Kind, Name, async (context, cancellation) =>
        {
            _opened.AddOrUpdate(context.Route.Resource, 1, (_, times) => times + 1);
            return InterceptedDriver.Wrap(
                await factory.OpenAsync(context, cancellation), context.Service, (call, next) => Answer(context.Route.Resource, call, next));
        }))];
    }

    public IReadOnlyList<IDriverFactory> Factories { get; }

    /// <summary>Of whom a write began, or ended, in their order; without those of probes.</summary>
    public ConcurrentQueue<string> Writes { get; } = new();

    /// <summary>How often a driver of a resource was opened.</summary>
    public int Opened(string resource) => _opened.GetValueOrDefault(resource);

    public void Is(string resource, Ailment ailment) => _ill[resource] = ailment;

    private async ValueTask<object?> Answer(string resource, DriverCall call, Func<ValueTask<object?>> next)
    {
        var ailment = _ill.GetValueOrDefault(resource);
        if (ailment == Ailment.Silent)
        {
            await Task.Delay(Timeout.Infinite, call.Arguments.OfType<CancellationToken>().SingleOrDefault());
        }

        if (call.Arguments.FirstOrDefault() is KvStep step && !step.Key.Partition.StartsWith("fury-", StringComparison.Ordinal))
        {
            Writes.Enqueue(resource);
            try
            {
                return ailment is Ailment.None ? await next() : throw Down;
            }
            finally
            {
                Writes.Enqueue(resource);
            }
        }

        return ailment == Ailment.Dead || (ailment == Ailment.ReadsOnly && call.Operation is not ("GetAsync" or "ProbeAsync"))
            ? throw Down
            : await next();
    }
}
