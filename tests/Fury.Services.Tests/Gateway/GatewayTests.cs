using Fury.Kernel;
using Fury.Sdk;
using Fury.Sdk.Bindings;
using Fury.Sdk.Drivers;
using Fury.Sdk.Gateway;
using Fury.Sdk.Hosting;
using Fury.Sdk.KeyValue;
using Fury.Testing;

namespace Fury.Services.Tests.Gateway;

/// <summary>Who may use the gateway, by which binding, and what is said of what went wrong.</summary>
public sealed class GatewayTests(GatewayHost host) : IClassFixture<GatewayHost>, IAsyncLifetime
{
    private const string Canary = "canary-4711-secret";

    private static readonly KvKey Key = new("a", "");
    private static readonly KvStep Put = new(KvStepKind.Put, Key, "1"u8.ToArray(), KvGuard.None, null);

    public Task InitializeAsync()
    {
        (host.LosesAnswers, host.Breaks) = (false, null);
        return Task.CompletedTask;
    }

    public Task DisposeAsync() => InitializeAsync();

    [Fact]
    public async Task A_call_by_an_older_binding_is_refused_before_the_provider_is_asked()
    {
        host.Bind(ServiceKind.KeyValue, "stale", 1, "broken");
        var old = await Open("stale", 1);
        await old.WriteAsync(Put, default);
        host.Bind(ServiceKind.KeyValue, "stale", 2, "broken");
        await old.WriteAsync(Put, default);

        var next = await Open("stale", 2);
        var asked = host.Asked;
        var error = await Assert.ThrowsAsync<FuryException>(async () => await old.WriteAsync(Put, default));
        Assert.Equal((FuryErrorCode.StaleBinding, false, true), (error.Code, error.OutcomeUnknown, error.IsTransient));
        Assert.Equal(asked, host.Asked);
        await next.WriteAsync(Put, default);

        // Of a binding that nobody has: neither yet nor two before.
        Assert.Equal(FuryErrorCode.StaleBinding, (await Refused("stale", 3)).Code);
        host.Bind(ServiceKind.KeyValue, "stale", 4, "broken");
        Assert.Equal(FuryErrorCode.StaleBinding, (await Assert.ThrowsAsync<FuryException>(async () => await next.WriteAsync(Put, default))).Code);
    }

    [Fact]
    public async Task What_the_host_cannot_open_is_refused_and_the_binding_before_goes_on()
    {
        host.Bind(ServiceKind.KeyValue, "goes-on", 1, "local");
        var old = await Open("goes-on", 1);
        await old.WriteAsync(Put, default);

        host.Bind(ServiceKind.KeyValue, "goes-on", 2, "redis", "redis://127.0.0.1:1");
        var error = await Refused("goes-on", 2);

        Assert.Equal((FuryErrorCode.Unavailable, false), (error.Code, error.OutcomeUnknown));
        Assert.DoesNotContain("127.0.0.1", error.ToString(), StringComparison.Ordinal);
        Assert.NotNull(await old.GetAsync(Key, ReadConsistency.Strong, default));
    }

    [Fact]
    public async Task An_instance_reaches_its_own_services_only()
    {
        host.Bind(ServiceKind.KeyValue, "own", 1, "local");
        var other = ScopeRef.Parse("shop/staging-web");

        Assert.Equal(FuryErrorCode.Unauthenticated, (await Refused("own", 1, host.TokenOf(GatewayHost.Shop) + "0")).Code);
        Assert.Equal(FuryErrorCode.NotBound, (await Refused("own", 1, host.TokenOf(other))).Code);
        Assert.Equal(FuryErrorCode.NotBound, (await Refused("nothing", 1)).Code);
        Assert.Equal(FuryErrorCode.InvalidArgument, (await Refused("Not a name", 1)).Code);
        Assert.NotNull(await Open("own", 1));
    }

    [Fact]
    public async Task A_write_whose_answer_was_lost_is_unknown_and_one_that_was_never_sent_is_not()
    {
        host.Bind(ServiceKind.KeyValue, "lost", 1, "local");
        var driver = await Open("lost", 1);
        host.LosesAnswers = true;
        var lost = await Failure(driver, async () => await driver.WriteAsync(Put, default));
        host.LosesAnswers = false;

        Assert.Equal((FuryErrorCode.Unavailable, true, true), (lost.Code, lost.OutcomeUnknown, lost.IsTransient));
        Assert.NotNull(await driver.GetAsync(Key, ReadConsistency.Strong, default));

        var nowhere = GatewayProvider.Factories(new Uri("http://127.0.0.1:1"), "token").Single(each => each.Kind == ServiceKind.KeyValue);
        var never = await Assert.ThrowsAsync<FuryException>(
            async () => await nowhere.OpenAsync(Context("lost", 1), default));
        Assert.Equal((FuryErrorCode.Unavailable, false), (never.Code, never.OutcomeUnknown));
    }

    [Theory]
    [InlineData(FuryErrorCode.Unavailable, true, true)]
    [InlineData(FuryErrorCode.Throttled, true, false)]
    [InlineData(FuryErrorCode.QuotaExceeded, false, false)]
    public async Task An_error_of_the_provider_comes_out_as_it_was(FuryErrorCode code, bool transient, bool unknown)
    {
        host.Bind(ServiceKind.KeyValue, "errors", 1, "broken");
        var driver = await Open("errors", 1);
        host.Breaks = () => new FuryException(code, "The shelf is full.")
        {
            IsTransient = transient,
            OutcomeUnknown = unknown,
            RetryAfter = TimeSpan.FromMilliseconds(1500),
            ProviderCode = "FULL",
            RequestId = "r-1",
        };

        var error = await Assert.ThrowsAsync<FuryException>(async () => await driver.WriteAsync(Put, default));

        Assert.Equal(
            (code, "The shelf is full.", transient, unknown, TimeSpan.FromMilliseconds(1500), "FULL", "r-1"),
            (error.Code, error.Message, error.IsTransient, error.OutcomeUnknown, error.RetryAfter, error.ProviderCode, error.RequestId));
    }

    [Fact]
    public async Task No_error_says_what_opens_the_provider_or_where_it_is()
    {
        Environment.SetEnvironmentVariable("GATEWAY_CANARY", Canary);
        host.Bind(ServiceKind.KeyValue, "canary", 1, "broken", "redis://10.9.8.7:6379", "env:GATEWAY_CANARY");
        var driver = await Open("canary", 1);
        Func<Exception>[] errors =
        [
            () => new InvalidOperationException($"Bad password {Canary} at 10.9.8.7"),
            () => new FuryException(FuryErrorCode.Unauthenticated, $"Bad password {Canary}") { ProviderCode = Canary, RequestId = Canary },
            () => new FuryException(FuryErrorCode.Unavailable, "10.9.8.7:6379 cannot be reached.", new InvalidOperationException(Canary)),
            () => new FuryException(FuryErrorCode.Unauthenticated, "GATEWAY_CANARY is not set."),
        ];
        foreach (var each in errors)
        {
            host.Breaks = each;
            var error = await Assert.ThrowsAsync<FuryException>(async () => await driver.WriteAsync(Put, default));
            var said = $"{error} {error.ProviderCode} {error.RequestId}";
            Assert.DoesNotContain(Canary, said, StringComparison.Ordinal);
            Assert.DoesNotContain("10.9.8.7", said, StringComparison.Ordinal);
            Assert.DoesNotContain("GATEWAY_CANARY", said, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Switches_of_the_provider_behind_the_gateway_fail_no_call()
    {
        const int Switches = 20;
        host.Bind(ServiceKind.KeyValue, "busy", 1, "local");
        var need = new ServiceNeed(ServiceKind.KeyValue, "busy");
        await using var runtime = new FuryRuntime(TimeProvider.System);
        runtime.Add(need, null);
        var channel = runtime.Find(ServiceKind.KeyValue, "busy")!.Channel;
        var binder = new Binder(host.Drivers(), TimeProvider.System, TimeSpan.FromSeconds(30));
        await binder.Bind(channel, need, Binding(1), default);
        var store = runtime.KeyValue("busy");
        using var stop = new CancellationTokenSource();
        var calls = 0;
        var load = Task.WhenAll(Enumerable.Range(0, 8).Select(
            caller => Task.Run(() => Call(store, caller, () => Interlocked.Increment(ref calls), stop.Token))));

        for (var epoch = 2; epoch <= Switches + 1; epoch++)
        {
            host.Bind(ServiceKind.KeyValue, "busy", epoch, epoch % 2 == 0 ? "other" : "local");
            await binder.Bind(channel, need, Binding(epoch), default);
            var enough = Volatile.Read(ref calls) + 20;
            await Eventually.True(() => load.IsFaulted || Volatile.Read(ref calls) >= enough);
        }

        await stop.CancelAsync();
        await load;
        Assert.Equal(Switches + 1, store.Binding.Epoch);

        static ServiceBinding Binding(long epoch) => new(
            "busy", ServiceKind.KeyValue, epoch, new ServiceRoute(GatewayProtocol.Name, GatewayProtocol.Name, null, "local", "busy"))
        {
            Policy = new CallPolicy { AttemptTimeout = TimeSpan.FromSeconds(30), TotalTimeout = TimeSpan.FromSeconds(60) },
        };
    }

    [Fact]
    public async Task What_nobody_uses_is_closed_and_opened_again_when_it_is_used()
    {
        host.Bind(ServiceKind.KeyValue, "idle", 1, "local");
        var driver = await Open("idle", 1);
        await driver.WriteAsync(Put, default);

        await host.Services.Close(TimeSpan.Zero);

        Assert.Equal(0, host.Services.Count);
        Assert.NotNull(await driver.GetAsync(Key, ReadConsistency.Strong, default));
        Assert.Equal(1, host.Services.Count);
    }

    private static async Task Call(KeyValueStore store, int caller, Action done, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await store.SetAsync($"{caller}", new byte[8], cancellationToken: CancellationToken.None);
            await store.GetAsync($"{caller}", cancellationToken: CancellationToken.None);
            done();
        }
    }

    private static async Task<FuryException> Failure(IKeyValueDriver driver, Func<Task> call) => await Assert.ThrowsAnyAsync<Exception>(call) switch
    {
        FuryException known => known,
        var error => driver.Translate(error),
    };

    private static DriverContext Context(string service, long epoch) => new(
        service, new ServiceRoute(GatewayProtocol.Name, GatewayProtocol.Name, null, "local", service), TimeProvider.System)
    {
        Epoch = epoch,
    };

    private async Task<IKeyValueDriver> Open(string service, long epoch, string? token = null) => (IKeyValueDriver)await host.Drivers(token)
        .Single(each => each.Kind == ServiceKind.KeyValue)
        .OpenAsync(Context(service, epoch), default);

    private async Task<FuryException> Refused(string service, long epoch, string? token = null) =>
        await Assert.ThrowsAsync<FuryException>(() => Open(service, epoch, token));
}
