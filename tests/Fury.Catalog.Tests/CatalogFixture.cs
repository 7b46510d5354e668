using System.Net.Http.Json;
using System.Text.Json;
using Fury.Access.Contracts;
using Fury.Artifacts;
using Fury.Hosting;
using Fury.Kernel;
using Fury.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Fury.Catalog.Tests;

/// <summary>The module on a database of its own, served over loopback by a real Kestrel.</summary>
public sealed class CatalogFixture : IAsyncLifetime
{
    private const int LargeLength = 100_000;

    private readonly TestDatabase<CatalogModule> _database = new();
    private WebApplication? _server;
    private Task? _hosted;

    public HttpClient Client { get; private set; } = new();

    public string Folder { get; } = Directory.CreateTempSubdirectory("fury-catalog-").FullName;

    /// <summary>The reconcilers, which otherwise do not run.</summary>
    public Task StartHosted() => _hosted ??= _database.StartHosted();

    public T Get<T>()
        where T : notnull => _database.Get<T>();

    public async Task InitializeAsync()
    {
        await _database.InitializeAsync();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddModuleControllers([new CatalogModule()]);

        // The controllers' services are those of the fixture, so that tests see the same stores as the server.
        builder.Services.AddSingleton(_ => Get<Applications.ApplicationStore>());
        builder.Services.AddSingleton(_ => Get<Applications.ApplicationList>());
        builder.Services.AddSingleton(_ => Get<Scopes.ScopeStore>());
        builder.Services.AddSingleton(_ => Get<Catalog.Versions.VersionStore>());
        builder.Services.AddSingleton(_ => Get<Catalog.Versions.VersionRegistry>());
        builder.Services.AddSingleton(_ => Get<Catalog.Releases.ReleaseStore>());
        builder.Services.AddSingleton(_ => Get<Catalog.Artifacts.ArtifactStore>());
        builder.Services.AddSingleton(_ => Get<Catalog.Artifacts.ArtifactSending>());
        builder.Services.AddSingleton(_ => Get<AgentKey>());
        builder.Services.AddSingleton(_ => Get<WorkloadIdentity>());
        builder.Services.AddSingleton(_ => Get<Catalog.Services.ServiceStore>());
        builder.Services.AddSingleton(_ => Get<Catalog.Bindings.BindingStore>());
        builder.Services.AddSingleton(_ => Get<Catalog.Bindings.BindingNews>());
        builder.Services.AddSingleton(_ => Get<Catalog.Bindings.HolderStore>());
        builder.Services.AddSingleton(_ => Get<Catalog.Bindings.HolderInbox>());
        builder.Services.AddSingleton(_ => Get<Catalog.Secrets.SecretStore>());
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<IAccess>(new OpenAccess());
        _server = builder.Build();
        _server.UseExceptionHandler(errors => errors.Run(context =>
        {
            var error = context.Features.Get<IExceptionHandlerFeature>()!.Error;
            context.Response.StatusCode = error is BadHttpRequestException bad ? bad.StatusCode : StatusCodes.Status500InternalServerError;
            return context.Response.WriteAsync(error.ToString());
        }));
        _server.Use((context, next) =>
        {
            context.SetCaller(Caller.Local);
            return next(context);
        });
        _server.MapControllers();
        await _server.StartAsync();
        // Who is refused for what it is about to send hears it before it sends it, and not by chance from a connection that is being closed.
        Client = new HttpClient(new SocketsHttpHandler { Expect100ContinueTimeout = Eventually.Deadline })
        {
            BaseAddress = new Uri(new Uri(_server.Urls.Single()), "api/v1/"),
        };
    }

    public async Task DisposeAsync()
    {
        Client.Dispose();
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        await _database.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }

    /// <summary>A folder with an executable script of this text.</summary>
    internal string ArtifactFolder(string name, string script = "#!/bin/sh\necho hello\n")
    {
        var folder = Directory.CreateDirectory(Path.Combine(Folder, name)).FullName;
        Given.Script(Path.Combine(folder, "hello"), script);
        return folder;
    }

    public async Task<HttpResponseMessage> Put(string path, object body, string? ifMatch = null)
    {
        var json = JsonSerializer.Serialize(body, JsonSerializerOptions.Default);
        using var request = new HttpRequestMessage(HttpMethod.Put, path) { Content = new StringContent(json, null, "application/json") };
        request.Headers.ExpectContinue = json.Length > LargeLength;
        if (ifMatch is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        }

        return await Client.SendAsync(request);
    }

    public static async Task<JsonElement> Json(HttpResponseMessage answer) => await answer.Content.ReadFromJsonAsync<JsonElement>(FuryJson.Options);
}

internal static class Given
{
    public static ArtifactLimits Limits { get; } = ArtifactLimits.Default;

    public static void Script(string path, string text, bool executable = true)
    {
        File.WriteAllText(path, text);
        var mode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        File.SetUnixFileMode(path, executable ? mode | UnixFileMode.UserExecute : mode);
    }
}
