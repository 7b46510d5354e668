using Fury.Kernel;
using Microsoft.Extensions.DependencyInjection;

namespace Fury.Hosting;

/// <summary>Roles that many classes of a module play at once. Single roles are registered by hand, one line each.</summary>
public static class PluralRoles
{
    /// <summary>
    /// Registers every <see cref="IReconciler"/> and <see cref="IEventListener{TEvent}"/> of the module's assembly as one instance for all the
    /// roles it plays and for its own class.
    /// </summary>
    public static IServiceCollection AddPluralRoles<TModule>(this IServiceCollection services)
        where TModule : IModule => services.Scan(scan => scan
            .FromAssemblyOf<TModule>()
            .AddClasses(types => types.AssignableToAny(typeof(IReconciler), typeof(IEventListener<>)), publicOnly: false)
            .AsSelfWithInterfaces(IsPlural)
            .WithSingletonLifetime());

    private static bool IsPlural(Type role) =>
        role == typeof(IReconciler) || (role.IsGenericType && role.GetGenericTypeDefinition() == typeof(IEventListener<>));
}
