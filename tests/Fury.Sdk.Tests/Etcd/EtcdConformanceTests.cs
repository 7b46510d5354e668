using System.Text;
using System.Text.Json.Serialization;
using Fury.Sdk.Bindings;
using Fury.Sdk.Etcd;
using Fury.Sdk.Hosting;
using Fury.Sdk.Tests.Conformance;
using Fury.Sdk.Tests.Matrix;
using Fury.Testing;

namespace Fury.Sdk.Tests.Etcd;

/// <summary>A real etcd keeps what its drivers say.</summary>
[RunsAgainst(EtcdProvider.Name, "a real `etcd` of one member")]
public sealed class EtcdConformanceTests(EtcdServer server) : IClassFixture<EtcdServer>
{
    public static TheoryData<string> Names =>
        RealServer.Names(ServiceKind.KeyValue, ServiceKind.Configuration, ServiceKind.Locks, ServiceKind.Sequences);

    [Theory]
    [MemberData(nameof(Names))]
    public Task Etcd_keeps(string name) => new RealServer(EtcdProvider.Factories, Route).Keeps(name);

    [Fact]
    public async Task A_section_that_is_changed_reaches_who_watches_it()
    {
        await using var fury = new FuryRuntime(TimeProvider.System);
        var need = new ServiceNeed(ServiceKind.Configuration, "app");
        fury.Add(need, null);
        var binding = new ServiceBinding("app", ServiceKind.Configuration, 1, Route(ServiceKind.Configuration, "shop"));
        await new Binder(EtcdProvider.Factories, TimeProvider.System, TimeSpan.FromSeconds(1))
            .Bind(fury.Find(ServiceKind.Configuration, "app")!.Channel, need, binding, CancellationToken.None);
        await Put("shop/config/limits", """{"most":1}""");

        await using var limits = fury.Configuration("app").WatchAsync("limits", LimitsJson.Default.Limits).GetAsyncEnumerator();
        Assert.True(await limits.MoveNextAsync());
        Assert.Equal(1, limits.Current.Value.Most);
        var first = limits.Current.Version;
        var next = limits.MoveNextAsync().AsTask();
        await Put("shop/config/limits", """{"most":2}""");

        Assert.True(await next.WaitAsync(TimeSpan.FromSeconds(10)));
        Assert.Equal(2, limits.Current.Value.Most);
        Assert.True(limits.Current.Version > first);
    }

    private ServiceRoute Route(ServiceKind kind, string resource) => new(EtcdProvider.Name, "direct", server.Endpoint, "local", resource);

    private async Task Put(string key, string value)
    {
        using var http = new HttpClient();
        using var body = new StringContent($$"""{"key":"{{Base64(key)}}","value":"{{Base64(value)}}"}""", Encoding.UTF8, "application/json");
        using var response = await http.PostAsync(new Uri(server.Endpoint, "/v3/kv/put"), body);
        response.EnsureSuccessStatusCode();
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}

internal sealed record Limits([property: JsonPropertyName("most")] int Most);

[JsonSerializable(typeof(Limits))]
internal sealed partial class LimitsJson : JsonSerializerContext;
