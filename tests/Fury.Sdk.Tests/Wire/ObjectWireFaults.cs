using Fury.Sdk.Bindings;
using Fury.Sdk.Drivers;
using Fury.Sdk.Hosting;
using Fury.Sdk.Objects;

namespace Fury.Sdk.Tests.Wire;

/// <summary>What becomes of writes of objects when the connection breaks before the answer.</summary>
/// <param name="port">Of the server, on loopback.</param>
/// <param name="open">The driver's factories, and a route to a bucket that is there, through another port.</param>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Reliability", "CA1001", Justification = "xunit disposes it asynchronously.")]
public abstract class ObjectWireFaults(int port, Func<int, (IReadOnlyList<IDriverFactory> Factories, ServiceRoute Route)> open) : IAsyncLifetime
{
    private protected static readonly ObjectHeaders Headers = new("text/plain", new Dictionary<string, string>());

    private ServiceRoute _route = null!;
    private IReadOnlyList<IDriverFactory> _factories = [];

    private protected CuttingProxy Proxy { get; private set; } = null!;

    private protected IObjectDriver Driver { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Proxy = new CuttingProxy(() => LoopbackSockets.Connect(port));
        (_factories, _route) = open(Proxy.Port);
        Driver = (IObjectDriver)await _factories[0].OpenAsync(new DriverContext("invoices", _route, TimeProvider.System), default);
        // A connection that is open and has nothing more to say.
        await Driver.HeadAsync("warm", default);
    }

    public async Task DisposeAsync()
    {
        await Driver.DisposeAsync();
        await Proxy.DisposeAsync();
    }

    [Fact]
    public async Task A_write_whose_answer_is_lost_may_have_happened_and_has()
    {
        Proxy.CutNextAnswer();
        var error = await Lost(async () => await Driver.PutAsync("a", new byte[] { 1 }, Headers, default, default, default));

        Assert.Equal((FuryErrorCode.Unavailable, true, true), (error.Code, error.IsTransient, error.OutcomeUnknown));
        Assert.NotNull(await Driver.HeadAsync("a", default));
    }

    [Fact]
    public async Task A_lost_answer_to_a_create_is_a_success()
    {
        await using var runtime = new FuryRuntime(TimeProvider.System);
        var need = new ServiceNeed(ServiceKind.Objects, "invoices");
        runtime.Add(need, null);
        var channel = runtime.Find(ServiceKind.Objects, "invoices")!.Channel;
        var binding = new ServiceBinding("invoices", ServiceKind.Objects, 1, _route);
        await new Binder(_factories, TimeProvider.System, TimeSpan.FromSeconds(1)).Bind(channel, need, binding, default);
        var bucket = runtime.Objects("invoices");
        await bucket.GetPropertiesAsync("warm");

        Proxy.CutNextAnswer();
        var written = await bucket.WriteAsync("a", new byte[] { 1 }, new ObjectWriteOptions { Condition = WriteCondition.IfAbsent });

        Assert.Equal(written.ETag, (await bucket.GetPropertiesAsync("a"))!.ETag);
    }

    private protected async Task<FuryException> Lost(Func<Task> write) => Driver.Translate(await Assert.ThrowsAnyAsync<Exception>(write));
}
