using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Fury.Access.Contracts;
using Fury.Hosting;
using Fury.Kernel;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Controllers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Fury.Deployments.Tests;

/// <summary>What the API has answered.</summary>
internal sealed record Answer(HttpStatusCode Status, string Text)
{
    public T Read<T>() => JsonSerializer.Deserialize<T>(Text, FuryJson.Options)!;
}

/// <summary>The module's controllers over real HTTP, on the services of a house.</summary>
internal sealed class Api : IAsyncDisposable
{
    private readonly HttpClient _client;
    private readonly WebApplication _server;

    private Api(WebApplication server) => (_server, _client) = (server, new() { BaseAddress = new(server.Urls.Single()) });

    public static async Task<Api> Start(IServiceProvider house)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddModuleControllers([new DeploymentsModule()]);
        builder.Services.AddSingleton<IControllerActivator>(new OfHouse(house));
        var server = builder.Build();
        server.Use((context, next) =>
        {
            context.SetCaller(Caller.Local);
            return next(context);
        });
        server.MapControllers();
        await server.StartAsync();
        return new(server);
    }

    public Task<Answer> Get(string path) => Send(HttpMethod.Get, path);

    public Task<Answer> Put(string path, object body) => Send(HttpMethod.Put, path, body);

    public Task<Answer> Post(string path, object body) => Send(HttpMethod.Post, path, body);

    public async Task<Answer> Send(HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, $"api/v1/{path}");
        request.Content = body is null ? null : body is string text
            ? new StringContent(text, null, "application/json")
            : JsonContent.Create(body, options: FuryJson.Options);
        using var answer = await _client.SendAsync(request);
        return new(answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>Refused with this status, and each of these parts is in the answer.</summary>
    public static void AssertRefused(Answer answer, HttpStatusCode status, params string[] parts)
    {
        Assert.True(answer.Status == status, $"{answer}");
        Assert.All(parts, part => Assert.Contains(part, answer.Text, StringComparison.Ordinal));
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
    }

    private sealed class OfHouse(IServiceProvider house) : IControllerActivator
    {
        public object Create(ControllerContext context) =>
            ActivatorUtilities.CreateInstance(house, context.ActionDescriptor.ControllerTypeInfo.AsType());

        public void Release(ControllerContext context, object controller)
        {
        }
    }
}
