using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Fury.Hosting;

/// <summary>
/// A room of the house. Its one public class. The host gives each module its controllers (found in the module's assembly, internal ones
/// too) and its migrations (embedded <c>Migrations/NNNN_name.sql</c>, in a schema of the module's own name); the module registers the rest,
/// its reconcilers and event listeners by <see cref="PluralRoles.AddPluralRoles{TModule}"/>.
/// </summary>
public interface IModule
{
    /// <summary>Lower-case letters and underscores; it is also the name of its schema in PostgreSQL.</summary>
    string Name { get; }

    void AddServices(IServiceCollection services, IConfiguration settings);
}
