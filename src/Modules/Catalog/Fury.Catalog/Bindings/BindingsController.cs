using Fury.Access.Contracts;
using Fury.Catalog.Contracts;
using Fury.Hosting;
using Fury.Kernel;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace Fury.Catalog.Bindings;

[ApiController]
[Route("api/v1/applications/{application}/scopes/{scope}/bindings")]
[Tags("Services")]
internal sealed class BindingsController(BindingStore bindings, HolderStore holders, TimeProvider clock) : ControllerBase
{
    /// <summary>
    /// Puts a provider behind a service of the scope (201 with the new epoch), or finds it there (200). Instances take it while they run, without a failed
    /// call; no data moves. 409 while instances have not taken the present epoch.
    /// </summary>
    [HttpPut("{kind}/{**service}")]
    [Needs(Permission.Config)]
    [Recorded(nameof(Seen))]
    [RequestSizeLimit(16 * 1024)]
    public async Task<ActionResult<ServiceBinding>> Put(
        string application, string scope, string kind, string service, BindingRequest request, CancellationToken cancellation) =>
        this.Answer(await (request with { By = HttpContext.NameOf(request.By) }).Read(application, scope, kind, service)
            .Then(wish => bindings.Put(wish, clock.GetUtcNow(), cancellation)));

    /// <summary>Takes the binding back. What instances have they keep until they end; new ones that need the service do not start.</summary>
    [HttpDelete("{kind}/{**service}")]
    [Needs(Permission.Config)]
    [Recorded(nameof(Seen))]
    public async Task<ActionResult<ServiceBinding>> Delete(
        string application, string scope, string kind, string service, string? by, string? reason, CancellationToken cancellation)
    {
        var wanted = BindingRequest.ReadRemoval(application, scope, kind, service, reason, HttpContext.NameOf(by));
        var removed = await wanted.Then(wish => bindings.Put(wish, clock.GetUtcNow(), cancellation));
        return removed.Then(put => (Outcome<ServiceBinding>)put.Value).Answer();
    }

    /// <summary>What is bound in the scope, and which instances have it in force.</summary>
    [HttpGet]
    [Needs(Permission.View)]
    public async Task<ActionResult<IReadOnlyList<BindingStatus>>> List(string application, string scope, CancellationToken cancellation)
    {
        var validation = new Validation();
        var name = validation.Scope(application, scope);
        if (validation.Fault is { } fault)
        {
            return Answers.Problem(fault);
        }

        var found = await bindings.All(name, cancellation);
        if (!found.IsOk)
        {
            return Answers.Problem(found.Fault);
        }

        var statuses = new List<BindingStatus>();
        foreach (var binding in found.Value.Bindings)
        {
            statuses.Add(await holders.Status(binding, cancellation));
        }

        return statuses;
    }

    /// <summary>For the audit trail.</summary>
    private async Task<ServiceBinding?> Seen(string application, string scope, string kind, string service, CancellationToken cancellation)
    {
        var validation = new Validation();
        var name = BoundService.Read(validation, application, scope, kind, service);
        var found = validation.Fault is null ? await bindings.All(name.Scope, cancellation) : validation.Fault;
        return found.IsOk ? found.Value.Bindings.FirstOrDefault(one => (one.Kind, one.Service) == (name.Kind, name.Service)) : null;
    }
}
