using System.Collections.Concurrent;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Fury.Hosting;
using Fury.Kernel;
using Microsoft.AspNetCore.Mvc.Controllers;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Fury.Host.Tests.Access;

/// <summary>A host that logs all that can be logged.</summary>
public sealed class TalkativeHost() : RunningHost(
    "--Fury:Auth:Token", GuardedHost.Token, "--Logging:LogLevel:Default", "Trace", "--Logging:LogLevel:Microsoft", "Trace",
    "--Logging:LogLevel:Microsoft.AspNetCore", "Trace", "--Logging:LogLevel:Npgsql", "Trace")
{
    public ConcurrentQueue<string> Logged { get; } = [];

    protected override void Configure(IServiceCollection services) => services.AddSingleton<ILoggerProvider>(_ => new Lines(Logged));

    private sealed class Lines(ConcurrentQueue<string> all) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            all.Enqueue($"{formatter(state, exception)} {exception}");

        public void Dispose()
        {
        }
    }
}

/// <summary>The value of a secret is in nothing that anybody keeps or reads.</summary>
public sealed class SecretsHiddenTests(TalkativeHost host) : IClassFixture<TalkativeHost>
{
    private const string Canary = "canary-5e1f0c7a";
    private const string Scope = "api/v1/applications/hidden/scopes/test-web";

    [Fact]
    public async Task No_log_no_audit_trail_and_no_answer_to_people_holds_a_value()
    {
        const string Secret = $"{Scope}/secrets/DB_PASSWORD";
        await Send("PUT", "api/v1/applications/hidden", new { team = "core" });
        await Send("PUT", Scope, new { });

        List<(HttpStatusCode Status, JsonElement Body)> answers =
        [
            await Send("PUT", Secret, new { value = Canary, by = "ana" }),
            await Send("PUT", Secret, new { value = Canary + "-2" }),
            await Send("PUT", Secret, new { value = Canary + new string('x', 40_000) }),
            await Send("PUT", $"{Scope}/secrets/db-password", new { value = Canary }),
            await Send("GET", $"{Scope}/secrets", null),
            await Send("GET", Secret, null),
            await Send("DELETE", Secret, null),
        ];
        var token = host.Get<WorkloadIdentity>().TokenOf(ScopeRef.Parse("hidden/test-web"));
        await Send("PUT", Secret, new { value = Canary });
        var (read, told) = await Sending.Send(host.Client, "GET", "api/v1/runtime/secrets/DB_PASSWORD", token);
        var audit = (await Send("GET", "api/v1/audit?limit=100", null)).Body.GetProperty("items").EnumerateArray().Reverse().ToList();

        Assert.Equal([201, 200, 400, 400, 200, 405, 204], answers.Select(answer => (int)answer.Status));
        Assert.Equal((HttpStatusCode.OK, Canary, 3), (read, told.GetProperty("value").GetString(), told.GetProperty("version").GetInt32()));
        Assert.Equal(
            [(0, 1), (1, 2), (0, 0), (2, 0), (0, 3)],
            audit.Where(entry => entry.GetProperty("path").GetString() == $"/{Secret}").Select(entry => (Version(entry, "before"), Version(entry, "after"))));
        Assert.Contains(host.Logged, line => line.Contains("SecretsController", StringComparison.Ordinal));
        Assert.DoesNotContain(
            answers.Select(answer => answer.Body.ToString()).Concat(audit.Select(entry => entry.ToString())).Concat(host.Logged),
            text => text.Contains("canary", StringComparison.Ordinal));
    }

    [Fact]
    public void What_an_action_is_called_with_hides_what_is_secret_in_it()
    {
        string[] secrets = ["Secret", "Value", "Token", "Password"];
        var bodies = host.Get<EndpointDataSource>().Endpoints.Select(endpoint => endpoint.Metadata.GetMetadata<ControllerActionDescriptor>())
            .SelectMany(action => action?.Parameters ?? []).Select(parameter => parameter.ParameterType).Distinct()
            .Where(type => secrets.Any(name => type.GetProperty(name)?.PropertyType == typeof(string))).ToList();

        Assert.Contains(bodies, body => body.Name == "SecretRequest");
        // A record's own text shows all that it has.
        Assert.All(bodies, body => Assert.False(body.GetMethod("ToString", [])!.IsDefined(typeof(CompilerGeneratedAttribute), false), body.Name));
    }

    private static int Version(JsonElement entry, string side) =>
        entry.TryGetProperty(side, out var value) && value.ValueKind == JsonValueKind.Object ? value.GetProperty("version").GetInt32() : 0;

    private Task<(HttpStatusCode Status, JsonElement Body)> Send(string method, string path, object? body) =>
        Sending.Send(host.Client, method, path, GuardedHost.Token, body);
}
