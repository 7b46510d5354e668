using Fury.Kernel;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Net.Http.Headers;

namespace Fury.Hosting;

/// <summary>Actions for instances: who calls proves its scope by its <see cref="WorkloadIdentity"/>, and by nothing else.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
public sealed class WorkloadOnlyAttribute : Attribute, IAuthorizationFilter, IAllowAnonymous, IDeclaresAccess
{
    private const string Prefix = "Bearer ";
    private const string Item = "fury.workload";

    public string Access => "instances";

    /// <summary>Whose instance calls, and the token that it has shown.</summary>
    public static (ScopeRef Scope, string Token) Of(HttpContext context) => ((ScopeRef, string))context.Items[Item]!;

    public void OnAuthorization(AuthorizationFilterContext context)
    {
        var http = context.HttpContext;
        var header = http.Request.Headers.Authorization.ToString();
        var token = header.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) ? header[Prefix.Length..].Trim() : null;
        if (http.RequestServices.GetRequiredService<WorkloadIdentity>().TryRead(token, out var scope))
        {
            http.Items[Item] = (scope, token!);
            return;
        }

        http.Response.Headers[HeaderNames.WWWAuthenticate] = "Bearer";
        context.Result = Answers.Problem(new Fault(
            FaultKind.Unauthenticated, $"This is for instances, which have a token of this platform in {WorkloadIdentity.TokenVariable}."));
    }
}
