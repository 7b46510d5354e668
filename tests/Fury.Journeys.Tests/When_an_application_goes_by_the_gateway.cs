using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text;
using Fury.Hosting;
using Fury.Kernel;
using Fury.Sdk;
using Fury.Sdk.Messaging;
using Fury.Sdk.Streams;
using Fury.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Fury.Journeys.Tests;

/// <summary>
/// An application with a host of its own says AddFury and nothing of a provider; the platform is the real host as a process, and it alone knows the real Redis.
/// What is behind a store is moved by the command line while the application uses it.
/// </summary>
public sealed class When_an_application_goes_by_the_gateway(RedisServer redis) : IClassFixture<RedisServer>, IAsyncLifetime
{
    private const string Shop = "/api/v1/applications/shop";
    private static readonly string[] Scope = ["-a", "shop", "-s", "production-web"];

    private static readonly (string Kind, string Service)[] Services =
    [
        ("key-value", "carts"), ("queue", "orders"), ("topic", "news"), ("queue", "news/ar"), ("stream", "clicks"), ("cache", "pages"),
        ("locks", "default"), ("sequences", "default"),
    ];

    private readonly string _folder = FuryProcess.NewFolder();

    private string Key => Path.Combine(_folder, "agent.key");

    public async Task InitializeAsync()
    {
        await File.WriteAllTextAsync(Key, new string('k', 64));
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(Key, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }

    public Task DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return Task.CompletedTask;
    }

    [Fact]
    public async Task It_uses_all_that_the_provider_has_and_its_store_moves_while_it_does()
    {
        await using var fury = await FuryProcess.Start(null, "--Services:Moves:PhaseMin=00:00:00.5", $"--Fury:Standard:AgentKeyFile={Key}");
        await Bind(fury);
        using var application = Application(fury);
        await application.StartAsync();
        var services = application.Services.GetRequiredService<IFury>();

        await UseAll(services);

        var carts = services.KeyValue("carts");
        var (written, stop) = (new ConcurrentBag<int>(), new CancellationTokenSource());
        var writes = Task.Run(async () =>
        {
            for (var cart = 0; !stop.IsCancellationRequested; cart++)
            {
                await carts.SetAsync($"cart-{cart}", BitConverter.GetBytes(cart), cancellationToken: CancellationToken.None);
                written.Add(cart);
                await Task.Delay(10, CancellationToken.None);
            }
        });
        var epoch = carts.Binding.Epoch;
        await Run(fury, ["service", "move", "key-value", "carts", "--driver", "redis", "--endpoint", $"{redis.Endpoint}", "--resource", "new", .. Scope]);
        await Eventually.True(async () => (await Run(fury, ["service", "moves", .. Scope])).Contains("moved", StringComparison.Ordinal));
        await stop.CancelAsync();
        await writes;

        foreach (var cart in written)
        {
            Assert.Equal(cart, BitConverter.ToInt32((await carts.GetAsync($"cart-{cart}"))!.Value.Span));
        }

        Assert.Equal(("gateway", epoch + 4), (carts.Binding.Provider, carts.Binding.Epoch));
        Assert.Contains("gateway", await Run(fury, ["service", "status", "-o", "json", .. Scope]), StringComparison.Ordinal);

        // Without the platform there is no way to the provider, and the error says so in time; with it there is again.
        await fury.Kill();
        var away = await Assert.ThrowsAsync<FuryException>(() => carts.GetAsync("cart-0").AsTask());
        Assert.Equal((FuryErrorCode.Unavailable, true), (away.Code, away.IsTransient));
        await fury.StartHost();
        await Eventually.True(async () => await Record.ExceptionAsync(() => carts.GetAsync("cart-0").AsTask()) is null);
        await application.StopAsync();
    }

    private static async Task UseAll(IFury services)
    {
        var orders = services.Queue("orders");
        await orders.SendAsync(new OutgoingMessage("order"u8.ToArray()) { OrderingKey = "ana" });
        await Received(orders, "order");

        var news = services.Topic("news");
        foreach (var country in new[] { "br", "ar" })
        {
            var attributes = new Dictionary<string, string> { ["country"] = country };
            await news.PublishAsync(new OutgoingMessage(Encoding.UTF8.GetBytes(country)) { Attributes = attributes });
        }

        await Received(services.Queue("news/ar"), "ar");

        var clicks = services.Stream("clicks");
        await clicks.AppendAsync(new StreamAppend("ana", "click"u8.ToArray()));
        await foreach (var reader in clicks.JoinGroupAsync("counters"))
        {
            if (await clicks.Read(reader.Partition).ToListAsync() is [var click])
            {
                await reader.CheckpointAsync(click.Position);
                break;
            }
        }

        Assert.Equal(2, await services.Cache("pages").IncrementAsync("visits", 2, TimeSpan.FromMinutes(1)));
        Assert.Equal(1, await services.Sequences().NextAsync("invoices"));
        await using var lease = await services.Locks().TryAcquireAsync("till");
        Assert.NotNull(lease);
        Assert.Null(await services.Locks().TryAcquireAsync("till"));
    }

    private static async Task Received(MessageQueue queue, string body)
    {
        var message = Assert.Single(await queue.ReceiveAsync(new ReceiveOptions { MaxMessages = 1, Wait = TimeSpan.FromSeconds(20) }));
        Assert.Equal(body, Encoding.UTF8.GetString(message.Body.Span));
        await message.CompleteAsync();
    }

    private async Task Bind(FuryProcess fury)
    {
        await Put(fury, Shop, new { team = "journeys" });
        await Put(fury, $"{Shop}/scopes/production-web", new { compute = "standard" });
        foreach (var (kind, service) in Services)
        {
            await Put(fury, $"{Shop}/services/{kind}/{service}", new { });
            var route = new { driver = "redis", transport = "gateway", endpoint = redis.Endpoint, resource = service };
            await Put(fury, $"{Shop}/scopes/production-web/bindings/{kind}/{service}", new { route });
        }
    }

    private IHost Application(FuryProcess fury)
    {
        var identity = new WorkloadIdentity(new AgentKey(Key, null!), new WorkloadPlatform(null));
        var environment = new Dictionary<string, string>
        {
            ["FURY_PLATFORM"] = fury.Api.ToString(),
            ["FURY_WORKLOAD_TOKEN"] = identity.TokenOf(ScopeRef.Parse("shop/production-web")),
            ["FURY_APPLICATION"] = "shop",
            ["SCOPE"] = "production-web",
            ["FURY_BINDINGS_KEPT"] = Path.Combine(_folder, "kept.json"),
        };
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
        var app = builder.AddFury(options =>
        {
            options.Variable = environment.GetValueOrDefault;
            options.StartTimeout = TimeSpan.FromSeconds(60);
        });
        app.AddKeyValue("carts");
        app.AddQueue("orders");
        app.AddTopic("news");
        app.AddQueue("news/ar", new QueueOptions { Filter = new Dictionary<string, string> { ["country"] = "ar" } });
        app.AddStream("clicks");
        app.AddCache("pages");
        app.AddLocks();
        app.AddSequences();
        return builder.Build();
    }

    private static async Task Put(FuryProcess fury, string path, object body)
    {
        using var answer = await fury.Client.PutAsJsonAsync(path, body, FuryJson.Options);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    private static async Task<string> Run(FuryProcess fury, params IEnumerable<string> arguments)
    {
        var printed = await FuryCli.Run(fury, arguments);
        Assert.True(printed.ExitCode == 0, $"{printed.Errors}\n{fury.Log}");
        return printed.Output;
    }
}
