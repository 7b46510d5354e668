using System.Collections.Concurrent;
using Fury.Sdk.KeyValue;
using Fury.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Fury.Sdk.Tests.Hosting;

/// <summary>An application whose services are named by a file, which may change while it runs.</summary>
public sealed class BindingsFileTests(RedisServer redis) : IClassFixture<RedisServer>, IDisposable
{
    private const string InMemory = """{ "driver": "local", "transport": "local" }""";

    private readonly string _file = Path.GetTempFileName();
    private readonly Lines _log = new();

    private string InRedis => $$"""{ "driver": "redis", "endpoint": "{{redis.Endpoint}}", "resource": "{{Guid.NewGuid():n}}" }""";

    public void Dispose()
    {
        File.Delete(_file);
        _log.Dispose();
    }

    [Fact]
    public async Task A_store_moves_into_Redis_and_back_under_load_without_a_failed_call()
    {
        Bind(InMemory);
        using var host = await Start();
        var carts = host.Services.GetRequiredService<IFury>().KeyValue("carts");
        using var stop = new CancellationTokenSource();
        var load = Task.WhenAll(Enumerable.Range(0, 8).Select(caller => Task.Run(() => Call(carts, caller, stop.Token))));

        foreach (var (route, driver) in new[] { (InRedis, "redis"), (InMemory, "local"), (InRedis, "redis") })
        {
            Bind(route);
            await Eventually.True(() => carts.Binding.Provider == driver);
        }

        await stop.CancelAsync();
        await load;
        Assert.Equal(4, carts.Binding.Epoch);
    }

    [Fact]
    public async Task A_file_that_becomes_wrong_changes_nothing_until_it_is_right_again()
    {
        Bind(InMemory);
        using var host = await Start();
        var carts = host.Services.GetRequiredService<IFury>().KeyValue("carts");
        await carts.SetAsync("a", new byte[1]);

        await File.WriteAllTextAsync(_file, "{ half of a fi");
        await Eventually.True(() => _log.Said("The bindings stay as they are: "));
        Bind("""{ "driver": "redis", "endpoint": "redis://127.0.0.1:1" }""");
        await Eventually.True(() => _log.Said("The binding of carts of epoch 2 is refused"));
        Assert.NotNull(await carts.GetAsync("a"));

        Bind(InRedis);
        await Eventually.True(() => carts.Binding.Provider == "redis");
        Assert.Null(await carts.GetAsync("a"));
    }

    [Fact]
    public async Task A_store_goes_through_the_phases_of_a_move_and_keeps_what_it_has()
    {
        Bind(InMemory);
        using var host = await Start();
        var carts = host.Services.GetRequiredService<IFury>().KeyValue("carts");
        var tag = await carts.SetAsync("a", new byte[] { 1 });
        var target = InRedis;

        foreach (var (phase, state) in new[]
        {
            ("preparing", BindingState.Preparing), ("moving", BindingState.Moving), ("settling", BindingState.Settling),
        })
        {
            File.WriteAllText(_file, $$"""
                { "bindings": [ { "service": "carts", "kind": "key-value", "state": "moving", "phase": "{{phase}}",
                  "routes": { "source": {{InMemory}}, "target": {{target}} } } ] }
                """);
            await Eventually.True(() => carts.Binding.State == state);
            tag = await carts.SetAsync("a", new byte[] { 2 }, new KvWriteOptions { Condition = WriteCondition.IfMatch(tag) });
        }

        Bind(target);
        await Eventually.True(() => carts.Binding.State == BindingState.Single);
        await carts.SetAsync("a", new byte[] { 3 }, new KvWriteOptions { Condition = WriteCondition.IfMatch(tag) });
        Assert.Equal(("redis", 5L), (carts.Binding.Provider, carts.Binding.Epoch));
    }

    [Theory]
    [InlineData("""{ "bindings": [] }""", "binds nothing to carts (key-value).")]
    [InlineData("""{ "bindingz": [] }""", "is no file of bindings: ")]
    [InlineData("""{ }""", "bindings is not given; right is a list.")]
    [InlineData("""{ "bindings": [{ "service": "carts", "kind": "kv" }] }""", "bindings[0].kind is 'kv'; right is one of objects, key-value, ")]
    [InlineData("""{ "bindings": [{ "service": "carts", "kind": "key-value" }] }""", "bindings[0].route is not given; right is what stands behind the service")]
    [InlineData(
        """{ "bindings": [{ "service": "carts", "kind": "key-value", "epoch": 0, "route": { "driver": "local" } }] }""",
        "bindings[0].epoch is '0'; right is 1 or more, or left out: then each change counts.")]
    [InlineData(
        """{ "bindings": [{ "service": "carts", "kind": "key-value", "route": { "driver": "redis", "endpoint": "here" } }] }""",
        "bindings[0].route.endpoint is 'here'; right is an address, such as redis://127.0.0.1:6379.")]
    [InlineData(
        """{ "bindings": [{ "service": "carts", "kind": "key-value", "state": "half" }] }""",
        "bindings[0].state is 'half'; right is single, or moving, or left out: then it is single.")]
    [InlineData(
        """{ "bindings": [{ "service": "carts", "kind": "key-value", "state": "moving", "phase": "soon" }] }""",
        "bindings[0].phase is 'soon'; right is one of preparing, moving, settling, holding, returning, evacuated.")]
    [InlineData(
        """
        { "bindings": [
            { "service": "carts", "kind": "key-value", "state": "moving", "phase": "moving", "routes": { "source": { "driver": "local" } } }] }
        """,
        "bindings[0].routes.target is not given; right is what stands behind the service")]
    public async Task An_application_with_a_bad_file_does_not_start_and_says_why(string text, string sentence)
    {
        await File.WriteAllTextAsync(_file, text);

        var error = await Assert.ThrowsAsync<FuryException>(Start);

        Assert.Contains(sentence, error.Message, StringComparison.Ordinal);
        Assert.Contains(_file, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_named()
    {
        File.Delete(_file);

        Assert.Contains(_file, (await Assert.ThrowsAsync<FuryException>(Start)).Message, StringComparison.Ordinal);
    }

    private static async Task Call(KeyValueStore carts, int caller, CancellationToken stop)
    {
        for (var number = 0; !stop.IsCancellationRequested; number++)
        {
            await carts.SetAsync($"{caller}/{number % 100}", BitConverter.GetBytes(number), cancellationToken: CancellationToken.None);
            await carts.GetAsync($"{caller}/{number % 100}", cancellationToken: CancellationToken.None);

            // Calls in memory never wait, and would leave the pool of threads to nobody else.
            await Task.Delay(1, CancellationToken.None);
        }
    }

    private void Bind(string route) =>
        File.WriteAllText(_file, $$"""{ "bindings": [ { "service": "carts", "kind": "key-value", "route": {{route}} } ] }""");

    private async Task<IHost> Start()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.AddProvider(_log);
        builder.AddFury(options => options.BindingsFile = _file).AddKeyValue("carts");
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }

    /// <summary>What was logged.</summary>
    private sealed class Lines : ILoggerProvider, ILogger
    {
        private readonly ConcurrentQueue<string> _lines = new();

        public bool Said(string begin) => _lines.Any(line => line.StartsWith(begin, StringComparison.Ordinal));

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            _lines.Enqueue(formatter(state, exception));

        public void Dispose()
        {
        }
    }
}
