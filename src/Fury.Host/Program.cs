using Fury.Catalog;
using Fury.ClusterApi;
using Fury.Compute.Serverless;
using Fury.Compute.Standard;
using Fury.Deployments;
using Fury.Hosting;
using Fury.LittleMonster;
using Fury.Mesh;
using Fury.Providers.Local;
using Fury.Sidecar;

namespace Fury.Host;

/// <summary>The whole of Fury on one screen.</summary>
internal static class Program
{
    // A module that is not in this list does not exist.
    private static IModule[] Modules { get; } =
    [
        new CatalogModule(), new LittleMonsterModule(), new StandardModule(), new ClusterApiModule(), new ServerlessModule(), new MeshModule(),
        new DeploymentsModule(),
    ];

    private static Task<int> Main(string[] args) => StartUp.Run(args, Build);

    internal static WebApplication Build(string[] args)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions
        {
            ContentRootPath = AppContext.BaseDirectory,
            Args = ["--hostBuilder:reloadConfigOnChange=false"], // Nothing here reads a setting twice.
        });
        CommandLine.Add(builder.Configuration, args);
        var settings = HostSettings.Read(builder.Configuration);
        Logs.Write(builder.Logging);
        Listening.Use(builder.WebHost, settings);

        // The order of starting. Stopping goes the other way: the API, which the web server adds behind all of these, then the sidecar, the
        // modules, the local instances, and PostgreSQL last.
        builder.Services.AddFuryDatabase(builder.Configuration);
        builder.Services.AddLocalProvider(builder.Configuration);
        builder.Services.AddFuryHosting(builder.Configuration, Modules);
        builder.Services.AddSidecar(builder.Configuration);
        builder.Services.AddModuleControllers(Modules, typeof(Program).Assembly);
        builder.Services.AddApi(settings);

        var app = builder.Build();
        _ = app.Services.GetRequiredService<Meters>(); // Listens from now on, not from the first question.
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        app.UseMiddleware<Stopping>();
        if (settings.Token is null)
        {
            app.UseMiddleware<LoopbackGuard>();
        }

        app.UseAuthentication();
        app.UseAuthorization();
        HealthAnswers.Map(app);
        app.MapOpenApi("/openapi/{documentName}.json");
        app.MapGet("/metrics", (Meters meters) => Results.Text(meters.Text(), PrometheusText.ContentType)).ExcludeFromDescription();
        app.MapControllers();
        return app;
    }
}
