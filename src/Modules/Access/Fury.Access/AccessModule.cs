using Fury.Access.Audit;
using Fury.Access.Contracts;
using Fury.Access.Deciding;
using Fury.Access.Oidc;
using Fury.Access.Sessions;
using Fury.Access.Tokens;
using Fury.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Fury.Access;

/// <summary>Who calls, what each may do, and what each has done.</summary>
public sealed class AccessModule : IModule
{
    public string Name => "access";

    public void AddServices(IServiceCollection services, IConfiguration settings)
    {
        services.AddSingleton<PolicyStore>();
        services.AddSingleton<PolicyBook>();
        services.AddSingleton<AccessDesk>();
        services.AddSingleton<IAccess>(provider => provider.GetRequiredService<AccessDesk>());
        services.AddSingleton<TokenStore>();
        services.AddSingleton<TokenDesk>();
        services.AddSingleton<SessionStore>();
        services.AddSingleton<LoginStore>();
        services.AddSingleton<LoginDesk>();
        var oidc = OidcSettings.Read(settings);
        services.AddSingleton(provider =>
        {
            var clock = provider.GetRequiredService<TimeProvider>();
            return new OidcCallers(oidc, oidc is null ? null : new Provider(oidc, Client(), clock), clock);
        });
        services.AddSingleton<ICallers, Callers>();
        services.AddSingleton<AuditStore>();
        services.AddSingleton<IAudit, Trail>();
        services.AddPluralRoles<AccessModule>();
    }

    /// <summary>It follows nobody elsewhere, and reads no more than it must.</summary>
    private static HttpClient Client() => new(new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) })
    {
        Timeout = Provider.Timeout,
        MaxResponseContentBufferSize = Provider.AnswerBytesMax,
    };
}
