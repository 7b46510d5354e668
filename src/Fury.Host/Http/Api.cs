using Microsoft.AspNetCore.Authorization;
using Microsoft.OpenApi;

namespace Fury.Host;

/// <summary>What the API needs besides the controllers of the modules: who may call, problem details, metrics, the OpenAPI document.</summary>
internal static class Api
{
    /// <summary>All of it: the API, the sidecar, the modules, the instances and PostgreSQL.</summary>
    private static readonly TimeSpan StopDeadline = TimeSpan.FromSeconds(10);

    public static void AddApi(this IServiceCollection services, HostSettings settings)
    {
        services.AddSingleton(settings);
        services.AddSingleton<Meters>();
        services.AddSingleton<Otlp>();
        services.AddSingleton<SignInLimits>();
        services.AddHealthChecks();
        services.AddProblemDetails(options => options.CustomizeProblemDetails = context => Problems.Name(context.ProblemDetails));
        services.AddExceptionHandler<Problems>();

        // Not AddAuthentication: it brings Data Protection, which writes keys into the home folder and is needed by nobody here.
        services.AddWebEncoders();
        services.AddAuthenticationCore(options =>
        {
            options.DefaultScheme = TokenAuthentication.Name;
            options.AddScheme<TokenAuthentication>(TokenAuthentication.Name, null);
        });
        services.AddAuthorizationBuilder()
            .SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build());
        services.AddOpenApi("v1", options => options.AddSchemaTransformer<Texts>().AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo { Title = "Fury", Version = "v1", Description = "Every refusal is a problem detail (RFC 9457)." };
            return Task.CompletedTask;
        }));
        services.Configure<HostOptions>(options => options.ShutdownTimeout = StopDeadline);
    }
}
