using Fury.Sdk.Bindings;
using Fury.Sdk.Drivers;
using Fury.Sdk.Hosting;
using Fury.Sdk.KeyValue;

namespace Fury.Sdk.Tests.Wire;

/// <summary>What a driver makes of a real connection that breaks: nothing twice, nothing silently not, and as good as new afterwards.</summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Reliability", "CA1001", Justification = "xunit disposes it asynchronously.")]
public abstract class WireFaults : IAsyncLifetime
{
    private readonly FuryRuntime _runtime = new(TimeProvider.System);
    private CuttingProxy _proxy = null!;
    private KeyValueStore _store = null!;

    public async Task InitializeAsync()
    {
        _proxy = Proxy();
        var need = new ServiceNeed(ServiceKind.KeyValue, "carts");
        _runtime.Add(need, null);
        var (route, factories) = Provider(_proxy.Port);
        var binding = new ServiceBinding("carts", ServiceKind.KeyValue, 1, route) { Policy = new CallPolicy { AttemptTimeout = TimeSpan.FromSeconds(1) } };
        var channel = _runtime.Find(ServiceKind.KeyValue, "carts")!.Channel;
        await new Binder(factories, TimeProvider.System, TimeSpan.FromSeconds(1)).Bind(channel, need, binding, CancellationToken.None);
        _store = _runtime.KeyValue("carts");
        await _store.SetAsync("warm", default);
    }

    public async Task DisposeAsync()
    {
        await _runtime.DisposeAsync();
        await _proxy.DisposeAsync();
    }

    [Fact]
    public async Task A_lost_answer_to_a_create_is_a_success()
    {
        _proxy.CutNextAnswer();

        var tag = await _store.SetAsync("a", new byte[] { 1 }, new KvWriteOptions { Condition = WriteCondition.IfAbsent });

        Assert.Equal(tag, (await _store.GetAsync("a"))!.ETag);
    }

    [Fact]
    public async Task Increments_count_once_however_often_answers_are_lost()
    {
        var counted = 0;
        for (var call = 0; call < 12; call++)
        {
            if (call % 3 == 1)
            {
                _proxy.CutNextAnswer();
            }

            await _store.IncrementAsync("n");
            counted++;
        }

        Assert.Equal($"{counted}", System.Text.Encoding.ASCII.GetString((await _store.GetAsync("n"))!.Value.Span));
    }

    [Fact]
    public async Task A_server_that_is_away_is_unavailable_and_its_return_is_noticed()
    {
        _proxy.Refuse(true);
        var error = await Assert.ThrowsAsync<FuryException>(() => _store.GetAsync("a").AsTask());
        Assert.Equal((FuryErrorCode.Unavailable, true, false), (error.Code, error.IsTransient, error.OutcomeUnknown));

        _proxy.Refuse(false);
        await Fury.Testing.Eventually.True(async () =>
        {
            try
            {
                await _store.SetAsync("a", default);
                return true;
            }
            catch (FuryException)
            {
                return false;
            }
        });
    }

    [Fact]
    public async Task A_server_that_is_silent_is_given_up_in_time_and_the_outcome_is_unknown()
    {
        _proxy.BeSilent(true);
        var begun = TimeProvider.System.GetTimestamp();
        var options = new KvWriteOptions { Timeout = TimeSpan.FromSeconds(2) };
        var error = await Assert.ThrowsAsync<FuryException>(() => _store.SetAsync("a", default, options));
        Assert.Equal((FuryErrorCode.Timeout, true), (error.Code, error.OutcomeUnknown));
        Assert.InRange(TimeProvider.System.GetElapsedTime(begun).TotalSeconds, 1.5, 10);

        _proxy.BeSilent(false);
        await _store.SetAsync("a", new byte[] { 2 });
        Assert.NotNull(await _store.GetAsync("a"));
    }

    private protected abstract CuttingProxy Proxy();

    private protected abstract (ServiceRoute Route, IReadOnlyList<IDriverFactory> Factories) Provider(int port);
}
