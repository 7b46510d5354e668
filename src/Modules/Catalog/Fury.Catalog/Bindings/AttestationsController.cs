using System.Text.Json.Serialization;
using Fury.Access.Contracts;
using Fury.Catalog.Contracts;
using Fury.Hosting;
using Fury.Kernel;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace Fury.Catalog.Bindings;

/// <param name="Route">What is to be probed; null: what is bound now.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record AttestationRequest(RouteRequest? Route = null);

[ApiController]
[Route("api/v1/applications/{application}/scopes/{scope}/attestations")]
[Tags("Services")]
internal sealed class AttestationsController(BindingStore bindings, IEnumerable<IAttester> attesters) : ControllerBase
{
    /// <summary>
    /// Probes what stands behind a service, or what is to stand behind it, from this host. Bindings to the same route carry what was shown: what an
    /// application requires and what was not shown is refused by its instances. Those that have the binding already go by what they were told with it.
    /// </summary>
    [HttpPost("{kind}/{**service}")]
    [Needs(Permission.Config)]
    [Recorded]
    [RequestSizeLimit(16 * 1024)]
    public async Task<ActionResult<Attestation>> Attest(
        string application, string scope, string kind, string service, AttestationRequest request, CancellationToken cancellation)
    {
        var validation = new Validation();
        var name = BoundService.Read(validation, application, scope, kind, service);
        var route = request.Route?.Read(validation, service);
        if (validation.Fault is { } fault)
        {
            return Answers.Problem(fault);
        }

        var found = await bindings.All(name.Scope, cancellation);
        if (!found.IsOk)
        {
            return Answers.Problem(found.Fault);
        }

        route ??= found.Value.Bindings.SingleOrDefault(one => (one.Kind, one.Service) == (name.Kind, name.Service))?.Route;
        if (route is null)
        {
            return Answers.Problem(Fault.NotFound("binding", name));
        }

        return attesters.SingleOrDefault() is { } attester
            ? (await attester.Attest(name.Scope, name.Kind, name.Service, route, cancellation)).Answer()
            : Answers.Problem(Fault.Unavailable("This host probes nothing: it was built without the room for it."));
    }

    /// <summary>What probes of the scope's resources have shown, the newest first.</summary>
    [HttpGet]
    [Needs(Permission.View)]
    public async Task<ActionResult<IReadOnlyList<Attestation>>> List(string application, string scope, CancellationToken cancellation)
    {
        var validation = new Validation();
        var name = validation.Scope(application, scope);
        return validation.Fault is { } fault
            ? Answers.Problem(fault)
            : attesters.SingleOrDefault() is { } attester ? new List<Attestation>(await attester.Of(name, cancellation)) : new List<Attestation>();
    }
}
