using Fury.Sdk.Bindings;
using Fury.Sdk.Conformance;
using Fury.Sdk.Drivers;
using Fury.Sdk.Local;
using Fury.Sdk.Testing;

namespace Fury.Sdk.Tests.Conformance;

/// <summary>The local provider under test, in time by hand; with a mutant between it and the portable layer, if one is given.</summary>
internal sealed class LocalTarget : ConformanceTarget
{
    private readonly ManualTimeProvider _clock = new();

    public LocalTarget(DriverInterceptor? mutant = null)
    {
        var provider = new LocalProvider(_clock);
        Factories = mutant is null ? provider.Factories : [.. provider.Factories.Select(factory => Broken(factory, mutant))];
    }

    public override string Name => "local";

    public override TimeProvider Clock => _clock;

    public override IReadOnlyList<IDriverFactory> Factories { get; }

    public override ServiceRoute Route(ServiceKind kind, string resource) => new(LocalProvider.Name, "local", null, "local", resource);

    public override Task AdvanceAsync(TimeSpan by)
    {
        _clock.Advance(by);
        return Task.CompletedTask;
    }

    public override Task DriveAsync(Task task) => _clock.DriveAsync(task);

    private static DriverFactory Broken(IDriverFactory factory, DriverInterceptor mutant) => new(
        factory.Kind,
        factory.Provider,
        async (context, cancellation) => InterceptedDriver.Wrap(await factory.OpenAsync(context, cancellation), context.Service, mutant));
}
