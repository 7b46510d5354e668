using System.Runtime.CompilerServices;
using Fury.Kernel;
using Fury.LittleMonster.Testing;
using Fury.Testing;

namespace Fury.LittleMonster.Tests;

/// <summary>The example of <c>docs/little-monster.md</c> stands here, so that it compiles, runs, and is the one on the page.</summary>
public sealed class DocumentationTests(DocumentationDatabase database) : IClassFixture<DocumentationDatabase>
{
    [Fact]
    public async Task The_example_of_the_page_runs()
    {
        await database.StartHosted();
        var sagas = database.Get<ILittleMonster>();
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var cancellation = timeout.Token;

        // <call>
        var started = await sagas.Start<OpenShop, Shop>("open/shoes", new Shop("shoes", ["boots", "sandals"]), cancellation);
        await sagas.Signal(started.Value, "approved", "Looks good.", cancellation);
        var ended = await sagas.WaitFor(started.Value, cancellation);
        // </call>

        Assert.Equal(SagaState.Completed, ended.Value.State);
    }

    // <test>
    [Fact]
    public async Task A_shop_opens_whatever_happens_or_leaves_nothing()
    {
        await SagaKit.FailsAtEveryStep(OpeningShop);
        await SagaKit.CrashesAtEveryPoint(OpeningShop, pairs: true);
        await SagaKit.TakesEveryCallTwice(OpeningShop);
        await SagaKit.CancelsAtEveryPoint(OpeningShop);
    }

    private static SagaCase<Shop> OpeningShop()
    {
        var cloud = new FakeCloud();
        return new(
            new OpenShop(cloud),
            new Shop("shoes", ["boots", "sandals"]),
            NothingLeft: () => Assert.Empty(cloud.Things),
            Snapshot: () => string.Join(',', cloud.Things.Values.Order()))
        {
            Arrange = run => run.With(new FillShelf(cloud)).Signal("approved", "Looks good."),
        };
    }
    // </test>

    [Fact]
    public void The_page_shows_the_example_as_it_is()
    {
        var source = File.ReadAllText(ThisFile());
        var page = File.ReadAllText(Path.Combine(Path.GetDirectoryName(ThisFile())!, "../../docs/little-monster.md"));
        foreach (var part in new[] { "saga", "call", "test", "schedule" })
        {
            var lines = source.Split($"// <{part}>")[1].Split($"// </{part}>")[0].Trim('\r', '\n', ' ').Split('\n');
            var indent = lines.Skip(1).Where(line => line.Trim().Length > 0).Select(line => line.Length - line.TrimStart().Length).DefaultIfEmpty().Min();
            var text = string.Join('\n', lines.Select((line, index) => index == 0 || line.Length < indent ? line : line[indent..]));
            Assert.Contains(text, page, StringComparison.Ordinal);
        }
    }

    private static string ThisFile([CallerFilePath] string path = "") => path;
}

public sealed class DocumentationDatabase : TestDatabase<LittleMonsterModule>
{
    protected override void Configure(Microsoft.Extensions.DependencyInjection.IServiceCollection services)
    {
        services.AddSaga<OpenShop>().AddSaga<FillShelf>().AddCloud();

        // <schedule>
        services.AddSagaSchedule<OpenShop, Shop>("weekly-shop", "30 3 * * MON", "Europe/Madrid", new Shop("shoes", ["boots"]));
        // </schedule>
    }
}

// <saga>
public sealed record Shop(string Name, string[] Goods);

public sealed class OpenShop(ICloud cloud) : Saga<Shop>
{
    protected internal override void Define(SagaBuilder<Shop> saga)
    {
        saga.Name("docs.open-shop").Version(1).Key(shop => shop.Name).Deadline(TimeSpan.FromDays(2));

        var machine = saga.Step(
            "create-machine",
            Effect.Token,
            Do: x => cloud.Create(x.Token, x.Input.Name, x.Cancellation),
            Undo: x => cloud.Delete(x.Token, x.Cancellation));

        var address = saga.Poll(
            "running",
            until: async x => await cloud.Address(x.Get(machine), x.Cancellation) is { } found ? Poll.Ready(found) : Poll.NotYet("the machine"),
            every: TimeSpan.FromSeconds(2),
            timeout: TimeSpan.FromMinutes(5));

        saga.FanOut<FillShelf, Shelf>(
            "fill-shelves",
            inputs: x => [.. x.Input.Goods.Select(goods => new Shelf(x.Get(machine), goods))],
            concurrency: 10);

        saga.Signal<string>("approved", timeout: TimeSpan.FromDays(1));

        saga.Pivot();
        saga.Step("publish", Effect.Find, Do: x => cloud.Publish(x.Input.Name, x.Get(address), x.Cancellation));
    }
}

public sealed record Shelf(string Machine, string Goods);

public sealed class FillShelf(ICloud cloud) : Saga<Shelf>
{
    protected internal override void Define(SagaBuilder<Shelf> saga)
    {
        saga.Name("docs.fill-shelf").Deadline(TimeSpan.FromHours(1));
        saga.Step(
            "fill",
            Effect.Token,
            Do: x => cloud.Create(x.Token, x.Input.Goods, x.Cancellation),
            Undo: x => cloud.Delete(x.Token, x.Cancellation));
    }
}
// </saga>

public interface ICloud
{
    Task<Outcome<string>> Create(Guid token, string name, CancellationToken cancellation);

    Task<Outcome> Delete(Guid token, CancellationToken cancellation);

    Task<string?> Address(string machine, CancellationToken cancellation);

    Task<Outcome> Publish(string name, string address, CancellationToken cancellation);
}

internal sealed class FakeCloud : ICloud
{
    public System.Collections.Concurrent.ConcurrentDictionary<Guid, string> Things { get; } = new();

    public Task<Outcome<string>> Create(Guid token, string name, CancellationToken cancellation) =>
        Task.FromResult<Outcome<string>>(Things.GetOrAdd(token, name));

    public Task<Outcome> Delete(Guid token, CancellationToken cancellation)
    {
        Things.TryRemove(token, out _);
        return Task.FromResult(Outcome.Ok);
    }

    public Task<string?> Address(string machine, CancellationToken cancellation) => Task.FromResult<string?>("127.0.0.2");

    public Task<Outcome> Publish(string name, string address, CancellationToken cancellation) => Task.FromResult(Outcome.Ok);
}

internal static class CloudServices
{
    public static void AddCloud(this Microsoft.Extensions.DependencyInjection.IServiceCollection services) =>
        Microsoft.Extensions.DependencyInjection.ServiceCollectionServiceExtensions.AddSingleton<ICloud, FakeCloud>(services);
}
