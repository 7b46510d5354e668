using System.Collections.Concurrent;
using Fury.LittleMonster.Chaos;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Fury.LittleMonster.Tests.Chaos;

/// <summary>
/// What the sagas act on, over HTTP on loopback: slow at times, and at times it says that it is unavailable, before or after it has done
/// what it was asked. Which call meets what follows from the seed, the order, the step and how often it was called.
/// </summary>
internal sealed class HostileWorld : IAsyncDisposable
{
    private readonly int _seed;
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, ChaosKind> _kinds;
    private readonly ConcurrentDictionary<string, int> _calls = new();

    private HostileWorld(int seed, IEnumerable<ChaosOrder> orders)
    {
        _seed = seed;
        _kinds = new(orders.Select(order => KeyValuePair.Create(order.Id, ChaosKinds.Get(order.Kind))));
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.MapPut("/things/{token:guid}", (Guid token, long saga, string order, string step, long fence) =>
            Answer(new WorldCall(true, token, saga, order, step, fence)));
        _app.MapDelete("/things/{token:guid}", (Guid token, long saga, string order, string step, long fence) =>
            Answer(new WorldCall(false, token, saga, order, step, fence)));
        _app.MapGet("/things/{token:guid}/ready", (Guid token) => Record.Look(token) is not { } thing
            ? Results.NotFound()
            : Results.Ok(_kinds[thing.Order].GetsReady && thing.Age > ReadyAfter(thing.Order)));
    }

    public WorldRecord Record { get; } = new(TimeProvider.System);

    public Uri Address => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());

    public static async Task<HostileWorld> Start(int seed, IEnumerable<ChaosOrder> orders)
    {
        var world = new HostileWorld(seed, orders);
        await world._app.StartAsync();
        return world;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private TimeSpan ReadyAfter(string order) =>
        Chance.Of(_seed, $"ready {order}").Between(TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(800));

    private async Task<IResult> Answer(WorldCall call)
    {
        var what = $"{(call.Makes ? "make" : "remove")} {call.Order}/{call.Step}";
        var chance = Chance.Of(_seed, $"{what} {_calls.AddOrUpdate(what, 1, (_, calls) => calls + 1)}");
        var (delay, lateness, mood) = (Delay(chance), chance.NextDouble(), chance.NextDouble());

        // Whoever asked may be gone by now; it is done all the same.
        await Task.Delay(delay * lateness);
        if (mood < 0.05)
        {
            return Results.Text("The world is unavailable.", statusCode: StatusCodes.Status503ServiceUnavailable);
        }

        var answer = Record.Take(call);
        await Task.Delay(delay * (1 - lateness));
        return mood < 0.10
            ? Results.Text("The world is unavailable, now that it is done.", statusCode: StatusCodes.Status503ServiceUnavailable)
            : Results.Text(answer is WorldAnswer.Done ? $"{call.Token}" : $"{answer}", statusCode: (int)answer);
    }

    /// <summary>Long enough for many calls to be under way whenever a host is hit.</summary>
    private static TimeSpan Delay(Random chance) => TimeSpan.FromMilliseconds(chance.NextDouble() switch
    {
        < 0.40 => 5 * chance.NextDouble(),
        < 0.96 => 400 * chance.NextDouble(),
        _ => 1500 * chance.NextDouble(),
    });
}
