using Fury.Access.Contracts;
using Fury.Hosting;
using Fury.Kernel;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace Fury.Mesh.Dependencies;

/// <summary>What a scope is to depend on.</summary>
/// <param name="Declared">Scopes as application/scope; replaces what was declared.</param>
/// <param name="ForgetSeen">Also lets go of what its proxies have asked for by themselves.</param>
internal sealed record DependenciesRequest(IReadOnlyList<string?>? Declared, bool ForgetSeen = false);

[ApiController]
[Route("api/v1/applications/{application}/scopes/{scope}/dependencies")]
[Tags("Mesh")]
internal sealed class DependenciesController(DependencyStore dependencies) : ControllerBase
{
    private const int RequestBytesMax = 256 * 1024;

    /// <summary>What the scope calls: declared, and seen. Its sidecars are configured for these, and for nothing else.</summary>
    [HttpGet]
    [Needs(Permission.View)]
    public async Task<ActionResult<Dependencies>> Get(string application, string scope, CancellationToken cancellation)
    {
        var check = new Validation();
        var name = check.Scope(application, scope);
        return check.Fault is { } fault ? Answers.Problem(fault) : await dependencies.Find(name, cancellation);
    }

    /// <summary>Replaces what the scope declares.</summary>
    [HttpPut]
    [Needs(Permission.Config)]
    [Recorded(nameof(Get))]
    [RequestSizeLimit(RequestBytesMax)]
    public async Task<ActionResult<Dependencies>> Put(
        string application, string scope, DependenciesRequest request, CancellationToken cancellation)
    {
        var check = new Validation();
        var name = check.Scope(application, scope);
        var declared = request.Declared ?? [];
        check.Require(
            declared.Count <= DependencyStore.PerScopeMax, declared.Count, $"at most {DependencyStore.PerScopeMax} scopes", "declared");
        List<ScopeRef> on = [];
        foreach (var (index, text) in declared.Take(DependencyStore.PerScopeMax).Index())
        {
            var known = ScopeRef.TryParse(text, out var one);
            check.Require(known, text ?? "", "application/scope, e.g. shop/production-web", $"declared[{index}]");
            on.Add(one!);
        }

        if (check.Fault is { } fault)
        {
            return Answers.Problem(fault);
        }

        await dependencies.Declare(name, on, request.ForgetSeen, cancellation);
        return await dependencies.Find(name, cancellation);
    }
}
