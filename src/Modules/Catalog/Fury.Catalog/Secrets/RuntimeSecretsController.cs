using Fury.Hosting;
using Fury.Kernel;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace Fury.Catalog.Secrets;

/// <summary>A secret as instances are given it.</summary>
/// <param name="Value">Text.</param>
internal sealed record RuntimeSecret(SecretName Name, long Version, string Value, DateTimeOffset ChangedAt)
{
    public override string ToString() => $"RuntimeSecret({Name}@{Version}, hidden)";
}

/// <summary>For the instances of a scope, by their own token: the only ones who read values.</summary>
[ApiController]
[WorkloadOnly]
[Route("api/v1/runtime/secrets")]
[Tags("Secrets")]
internal sealed class RuntimeSecretsController(SecretStore secrets) : ControllerBase
{
    /// <summary>The names of the secrets of the caller's scope, in their order: all of them, since a scope has 100 at most.</summary>
    [HttpGet]
    public async Task<ActionResult<IReadOnlyList<string>>> List(CancellationToken cancellation)
    {
        var all = await secrets.List(WorkloadOnlyAttribute.Of(HttpContext).Scope, new(Limit: SecretStore.OfScopeMax), cancellation);
        return all.IsOk ? all.Value.Items.Select(secret => secret.Name.Value).ToList() : Answers.Problem(all.Fault);
    }

    /// <summary>A secret of the caller's scope with its value, which nobody on the way is to keep.</summary>
    [HttpGet("{secret}")]
    public async Task<ActionResult<RuntimeSecret>> Get(SecretName secret, CancellationToken cancellation)
    {
        Response.Headers.CacheControl = "no-store";
        return (await secrets.Open(new(WorkloadOnlyAttribute.Of(HttpContext).Scope, secret), cancellation)).Answer();
    }
}
