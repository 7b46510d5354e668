using Fury.Catalog;
using Fury.Deployments;
using Fury.Host;
using Fury.Hosting;
using Fury.LittleMonster;
using Fury.Mesh;
using Fury.Providers.Local;
using Fury.Sidecar;

// A module that is not in this list does not exist.
IModule[] modules = [new CatalogModule(), new LittleMonsterModule(), new MeshModule(), new DeploymentsModule()];

return await StartUp.Run(args, () =>
{
    var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
    CommandLine.Add(builder.Configuration, args);
    var settings = HostSettings.Read(builder.Configuration);
    Logs.Write(builder.Logging);
    Listening.Use(builder.WebHost, settings);

    // The order of starting. Stopping goes the other way: the API, which the web server adds behind all of these, then the sidecar, the
    // modules, the local instances, and PostgreSQL last.
    builder.Services.AddFuryDatabase(builder.Configuration);
    builder.Services.AddLocalProvider(builder.Configuration);
    builder.Services.AddFuryHosting(builder.Configuration, modules);
    builder.Services.AddSidecar(builder.Configuration);
    builder.Services.AddModuleControllers(modules, typeof(Program).Assembly);
    builder.Services.AddApi(settings);

    var app = builder.Build();
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
});
