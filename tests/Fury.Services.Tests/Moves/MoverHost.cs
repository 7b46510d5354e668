using System.Collections.Concurrent;
using Fury.Catalog.Contracts;
using Fury.Hosting;
using Fury.LittleMonster;
using Fury.Sdk.Drivers;
using Fury.Sdk.Moving;
using Fury.Sdk.Testing;
using Fury.Services.Moves;
using Fury.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace Fury.Services.Tests.Moves;

/// <summary>The host has died here.</summary>
internal sealed class HostDiedException(string where) : Exception(where);

/// <summary>Where hosts die: once at each place.</summary>
/// <param name="begins">What the places begin with.</param>
internal sealed class MoverDeaths(params string[] begins)
{
    private readonly ConcurrentDictionary<string, bool> _places = new();

    public IReadOnlyCollection<string> Places => [.. _places.Keys];

    public bool IsNew(string place) => begins.Any(each => place.StartsWith(each, StringComparison.Ordinal)) && _places.TryAdd(place, true);
}

/// <summary>A host with the whole of Little Monster, as it runs in a process, that can be killed.</summary>
internal sealed class MoverHost : IAsyncDisposable
{
    private readonly TaskCompletionSource _died = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<IHostedService> _started = [];
    private ServiceProvider? _services;

    /// <summary>Done when it was killed.</summary>
    public Task Died => _died.Task;

    public T Get<T>()
        where T : notnull => _services!.GetRequiredService<T>();

    public static async Task<MoverHost> Start(
        MovesFixture fixture, string name, MoverDeaths? deaths, Func<MoverHost, MoveState, Task>? saving)
    {
        var host = new MoverHost();
        host._services = fixture.BuildServices(services =>
        {
            services.Replace(ServiceDescriptor.Singleton<INode>(new NamedNode(name)));
            if (deaths is not null)
            {
                var moves = services.Single(each => each.ServiceType == typeof(IBindingMoves)).ImplementationType!;
                services.Replace(ServiceDescriptor.Singleton<IBindingMoves>(provider => new DeadlyMoves(
                    (IBindingMoves)ActivatorUtilities.CreateInstance(provider, moves), where => host.MayDie(deaths, where))));
                services.Replace(ServiceDescriptor.Singleton(new HostDrivers(
                    fixture.Factories.Select(each => Deadly(each, where => host.MayDie(deaths, where))), TimeProvider.System)));
            }
        });
        host.Get<MoveStore>().Saving = async state =>
        {
            await (saving?.Invoke(host, state) ?? Task.CompletedTask);
            if (deaths is not null)
            {
                host.MayDie(deaths, $"save {state.Step} {state.Cursor is null}");
            }
        };
        foreach (var hosted in host._services.GetServices<IHostedService>())
        {
            await hosted.StartAsync(default);
            host._started.Insert(0, hosted);
        }

        var monster = host.Get<MonsterHost>();
        await Eventually.True(async () => host._died.Task.IsCompleted || (monster.Engine is { } engine && await engine.OwnedCount() > 0));
        return host;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var hosted in _started)
        {
            await hosted.StopAsync(default);
        }

        await _services!.DisposeAsync();
    }

    private void MayDie(MoverDeaths deaths, string where)
    {
        if (_died.Task.IsCompleted)
        {
            throw new HostDiedException(where);
        }

        if (deaths.IsNew(where))
        {
            Get<MonsterHost>().Kill();
            _died.TrySetResult();
            throw new HostDiedException(where);
        }
    }

    private static DriverFactory Deadly(IDriverFactory factory, Action<string> mayDie) => new(
        factory.Kind,
        factory.Provider,
        async (context, cancellation) => InterceptedDriver.Wrap(
            await factory.OpenAsync(context, cancellation),
            context.Service,
            async (call, next) =>
            {
                var answer = await next();
                // After it, so that it has happened; of reads and writes, and at either side.
                mayDie($"{factory.Provider} {call.Operation}");
                return answer;
            }));

    private sealed class DeadlyMoves(IBindingMoves inner, Action<string> mayDie) : IBindingMoves
    {
        public Task<Kernel.Outcome<ServiceBinding>> Find(BoundService service, CancellationToken cancellation) => inner.Find(service, cancellation);

        public Task<Kernel.Outcome<ServiceBinding>> Take(MoveHand hand, BoundService service, long? from, CancellationToken cancellation) =>
            inner.Take(hand, service, from, cancellation);

        public async Task<Kernel.Outcome<ServiceBinding>> Publish(
            MoveHand hand, BoundService service, MoveBinding binding, CancellationToken cancellation)
        {
            mayDie($"publish {binding.Epoch} before");
            var published = await inner.Publish(hand, service, binding, cancellation);
            mayDie($"publish {binding.Epoch} after");
            return published;
        }

        public Task<Kernel.Outcome<BindingFollowing>> Following(BoundService service, TimeSpan silent, CancellationToken cancellation)
        {
            mayDie("following");
            return inner.Following(service, silent, cancellation);
        }

        public async Task<Kernel.Outcome<ServiceBinding>> End(MoveHand hand, BoundService service, CancellationToken cancellation)
        {
            mayDie("end before");
            var ended = await inner.End(hand, service, cancellation);
            mayDie($"end {ended.Value.Epoch}");
            return ended;
        }
    }

    private sealed record NamedNode(string Name) : INode
    {
        public Guid Incarnation { get; } = Guid.CreateVersion7();

        public string DataFolder => Path.GetTempPath();
    }
}
