using Fury.Catalog;
using Fury.Host;
using Fury.Hosting;

// A module that is not in this list does not exist.
IModule[] modules = [new CatalogModule()];

return await StartUp.Run(args, () =>
{
    var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
    CommandLine.Add(builder.Configuration, args);
    var settings = HostSettings.Read(builder.Configuration);
    Logs.Write(builder.Logging);
    Listening.Use(builder.WebHost, settings);

    // The order of starting. The host stops in the opposite order: the API, which the web server adds behind all of these, goes first.
    builder.Services.AddFuryHosting(builder.Configuration, modules);
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
