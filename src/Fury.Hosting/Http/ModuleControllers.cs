using System.Reflection;
using Fury.Kernel;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.ApplicationParts;
using Microsoft.AspNetCore.Mvc.Controllers;
using Microsoft.Extensions.DependencyInjection;

namespace Fury.Hosting;

/// <summary>MVC for modules: their controllers are internal, their JSON is Fury's, and a request that cannot be read names its bad fields.</summary>
public static class ModuleControllers
{
    /// <summary>Larger bodies are refused with 413, unless an action says otherwise by <c>[RequestSizeLimit]</c>.</summary>
    public const int BodyBytesMax = 64 * 1024;

    /// <summary>Adds the controllers of the modules, and of <paramref name="others"/>; nothing else is searched.</summary>
    public static IMvcBuilder AddModuleControllers(this IServiceCollection services, IReadOnlyList<IModule> modules, params Assembly[] others)
    {
        services.ConfigureHttpJsonOptions(options => FuryJson.Apply(options.SerializerOptions));
        return services
            .AddControllers(options =>
            {
                options.Filters.Add(new RequestSizeLimitAttribute(BodyBytesMax));
                options.ModelBinderProviders.Insert(0, new KernelBinders());
            })
            .AddJsonOptions(options =>
            {
                FuryJson.Apply(options.JsonSerializerOptions);
                options.AllowInputFormatterExceptionMessages = true;
            })
            .ConfigureApiBehaviorOptions(options =>
            {
                options.InvalidModelStateResponseFactory = BadRequests.Answer;

                // A status alone gets its problem detail where all others do, and not as JSON that says so of itself.
                options.SuppressMapClientErrors = true;
            })
            .ConfigureApplicationPartManager(manager =>
            {
                manager.ApplicationParts.Clear();
                foreach (var assembly in modules.Select(module => module.GetType().Assembly).Concat(others).Distinct())
                {
                    manager.ApplicationParts.Add(new AssemblyPart(assembly));
                }

                manager.FeatureProviders.Clear();
                manager.FeatureProviders.Add(new InternalControllers());
            });
    }

    /// <summary>MVC's own provider sees public controllers only.</summary>
    private sealed class InternalControllers : ControllerFeatureProvider
    {
        protected override bool IsController(TypeInfo typeInfo) =>
            typeInfo is { IsClass: true, IsAbstract: false } && typeof(ControllerBase).IsAssignableFrom(typeInfo);
    }
}
