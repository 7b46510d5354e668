using Fury.Agent.Wire;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Net.Http.Headers;

namespace Fury.Hosting;

/// <summary>
/// Actions for agents of instances: who calls proves it by the secret of its lot (<see cref="AgentSignature"/>), and by nothing else, so the API's
/// own token is not asked for.
/// </summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
public sealed class AgentSignedAttribute : Attribute, IAsyncAuthorizationFilter, IAllowAnonymous, IDeclaresAccess
{
    private const string LotItem = "fury.agent.lot";

    public string Access => "agents";

    /// <summary>The lot whose secret has signed the request.</summary>
    public static string LotOf(HttpContext context) => (string)context.Items[LotItem]!;

    public async Task OnAuthorizationAsync(AuthorizationFilterContext context)
    {
        var (http, services) = (context.HttpContext, context.HttpContext.RequestServices);
        var body = await Body(http.Request, http.RequestAborted);
        var header = http.Request.Headers[AgentSignature.Header].ToString();
        var problem = AgentSignature.Problem(
            header,
            services.GetRequiredService<AgentKey>().SecretOf,
            new(http.Request.Method, http.Features.Get<IHttpRequestFeature>()!.RawTarget, body),
            services.GetRequiredService<TimeProvider>().GetUtcNow());
        if (problem is not null)
        {
            http.Response.Headers[HeaderNames.WWWAuthenticate] = AgentSignature.Header;
            context.Result = Answers.Problem(problem);
            return;
        }

        http.Items[LotItem] = AgentSignature.Parse(header)!.Lot;
    }

    /// <summary>The whole body, which the action then reads again.</summary>
    private static async Task<byte[]> Body(HttpRequest request, CancellationToken cancellation)
    {
        using var body = new MemoryStream();
        var buffer = new byte[8 * 1024];
        while (await request.Body.ReadAsync(buffer, cancellation) is var read and > 0)
        {
            body.Write(buffer, 0, read);
            if (body.Length > ModuleControllers.BodyBytesMax)
            {
                throw new BadHttpRequestException("Request body too large.", StatusCodes.Status413PayloadTooLarge);
            }
        }

        request.Body = new MemoryStream(body.ToArray());
        return body.ToArray();
    }
}
