using Fury.Access;
using Fury.Access.Contracts;
using Fury.Catalog;
using Fury.ClusterApi;
using Fury.Compute.Serverless;
using Fury.Compute.Standard;
using Fury.Deployments;
using Fury.Hosting;
using Fury.LittleMonster;
using Fury.Mesh;
using Fury.Providers.Aws;
using Fury.Providers.Azure;
using Fury.Providers.Clouds;
using Fury.Providers.Gcp;
using Fury.Providers.Local;
using Fury.Services;
using Fury.Sidecar;

namespace Fury.Host;

/// <summary>The whole of Fury on one screen.</summary>
internal static class Program
{
    // A module that is not in this list does not exist.
    private static IModule[] Modules { get; } =
    [
        new AccessModule(), new CatalogModule(), new LittleMonsterModule(), new StandardModule(), new ClusterApiModule(), new ServerlessModule(),
        new MeshModule(), new DeploymentsModule(), new ServicesModule(),
    ];

    private static Task<int> Main(string[] args) => StartUp.Run(args, given => Build(given));

    /// <param name="more">Tests add to the services.</param>
    internal static WebApplication Build(string[] args, Action<IServiceCollection>? more = null)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions
        {
            ContentRootPath = AppContext.BaseDirectory,
            Args = ["--hostBuilder:reloadConfigOnChange=false"], // Nothing here reads a setting twice.
        });
        CommandLine.Add(builder.Configuration, args);
        var settings = HostSettings.Read(builder.Configuration);
        Logs.Write(builder.Logging);
        Listening.Use(builder.WebHost, settings, builder.Configuration);

        // The order of starting. Stopping goes the other way: the API, which the web server adds behind all of these, then the sidecar, the
        // modules, the local instances, and PostgreSQL last.
        builder.Services.AddFuryDatabase(builder.Configuration);
        builder.Services.AddLocalProvider(builder.Configuration);
        builder.Services.AddAwsProvider(builder.Configuration);
        builder.Services.AddGcpProvider(builder.Configuration);
        builder.Services.AddAzureProvider(builder.Configuration);
        builder.Services.AddCloudAgents(builder.Configuration, provider => provider.GetRequiredService<AgentKey>().SecretOf);
        builder.Services.AddSingleton(settings.WorkloadPlatform(builder.Configuration));
        builder.Services.AddFuryHosting(builder.Configuration, Modules);
        builder.Services.AddSidecar(builder.Configuration);
        builder.Services.AddModuleControllers(Modules, typeof(Program).Assembly);
        builder.Services.AddSingleton(RateLimitSettings.Read(builder.Configuration));
        builder.Services.AddApi(settings);
        more?.Invoke(builder.Services);

        var app = builder.Build();
        // Both listen from now on, not from the first question.
        _ = app.Services.GetRequiredService<Meters>();
        _ = app.Services.GetRequiredService<Otlp>();
        if (Proxies.Read(builder.Configuration) is { } proxies)
        {
            app.UseForwardedHeaders(proxies);
        }

        app.UseMiddleware<SecurityHeaders>();
        app.UseMiddleware<AuditTrail>();
        app.UseExceptionHandler();
        app.UseStatusCodePages(context => Problems.WriteStatus(context.HttpContext));
        app.UseMiddleware<Stopping>();
        if (!settings.IsGuarded)
        {
            app.UseMiddleware<LoopbackGuard>();
        }

        app.UseMiddleware<WebFiles>();
        app.UseAuthentication();
        app.UseMiddleware<RateLimits>();
        app.UseAuthorization();
        app.UseMiddleware<AccessGate>();
        app.UseMiddleware<AuditIntent>();
        HealthAnswers.Map(app);
        app.MapOpenApi("/openapi/{documentName}.json").WithMetadata(new NeedsAttribute(Permission.View) { Anywhere = true });
        app.MapGet("/metrics", (Meters meters) => Results.Text(meters.Text(), PrometheusText.ContentType)).ExcludeFromDescription()
            .WithMetadata(new NeedsAttribute(Permission.View));
        app.MapControllers();
        DeclaredAccess.Require(app);
        return app;
    }
}
