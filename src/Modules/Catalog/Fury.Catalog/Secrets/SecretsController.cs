using Fury.Access.Contracts;
using Fury.Catalog.Contracts;
using Fury.Hosting;
using Fury.Kernel;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace Fury.Catalog.Secrets;

/// <summary>For people, who write secrets and never read them.</summary>
[ApiController]
[Route("api/v1/applications/{application}/scopes/{scope}/secrets")]
[Tags("Secrets")]
internal sealed class SecretsController(SecretStore secrets, TimeProvider clock) : ControllerBase
{
    /// <summary>The secrets of a scope in the order of their names, without their values.</summary>
    /// <param name="after">The <c>next</c> of the page before.</param>
    /// <param name="limit">1 to 500.</param>
    [HttpGet]
    [Needs(Permission.View)]
    public async Task<ActionResult<Page<ScopeSecret>>> List(
        string application, string scope, string? after, int limit = PageQuery.LimitDefault, CancellationToken cancellation = default)
    {
        var validation = new Validation();
        var name = validation.Scope(application, scope);
        var page = validation.Page(after, limit);
        if (after is not null)
        {
            validation.Name<SecretName>(after);
        }

        return validation.Fault is { } fault ? Answers.Problem(fault) : (await secrets.List(name, page, cancellation)).Answer();
    }

    /// <summary>
    /// Makes a secret (201), or gives it another value (200): each time a further version. The value is never shown; the scope's instances read it. A scope
    /// has 100 at most.
    /// </summary>
    [HttpPut("{secret}")]
    [Needs(Permission.Secrets)]
    [Recorded(nameof(Seen))]
    [RequestSizeLimit(SecretRequest.RequestBytesMax)]
    public async Task<ActionResult<ScopeSecret>> Put(
        ApplicationName application, ScopeName scope, SecretName secret, SecretRequest request, CancellationToken cancellation)
    {
        var wanted = (request with { By = HttpContext.NameOf(request.By) ?? HttpContext.Caller().Name }).Read(new(new(application, scope), secret));
        return this.Answer(await wanted.Then(wish => secrets.Put(wish, clock.GetUtcNow(), cancellation)));
    }

    /// <summary>Forgets a secret with its value. One that is not there is a success. What instances have read they keep until they end.</summary>
    [HttpDelete("{secret}")]
    [Needs(Permission.Secrets)]
    [Recorded(nameof(Seen))]
    public async Task<IActionResult> Delete(ApplicationName application, ScopeName scope, SecretName secret, CancellationToken cancellation)
    {
        var removed = await secrets.Remove(new(new(application, scope), secret), cancellation);
        return removed.IsOk ? NoContent() : Answers.Problem(removed.Fault);
    }

    /// <summary>For the audit trail.</summary>
    private Task<ScopeSecret?> Seen(ApplicationName application, ScopeName scope, SecretName secret, CancellationToken cancellation) =>
        secrets.Find(new(new(application, scope), secret), cancellation);
}
