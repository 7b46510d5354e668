using Fury.Access.Contracts;
using Fury.Hosting;
using Fury.Kernel;
using Fury.Mesh.Xds;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace Fury.Mesh.Proxies;

/// <summary>A proxy as the API shows it.</summary>
/// <param name="Scope">The scope that it belongs to, as <c>scope.application</c>; empty for none.</param>
/// <param name="Host">The host that it is, or was last, connected to.</param>
/// <param name="Uses">The scopes that it sends to.</param>
/// <param name="LeftAt">Since when it is not connected; null while it is.</param>
internal sealed record ProxyView(
    string Proxy, string Scope, string Agent, string Host, IReadOnlyList<string> Uses, DateTimeOffset ConnectedAt, DateTimeOffset? LeftAt)
{
    public static ProxyView Of(RecordedProxy it) => new(it.Name, it.Caller, it.Agent, it.Node, it.Scopes, it.ConnectedAt, it.LeftAt);
}

/// <summary>What a proxy has, against what it should have.</summary>
internal sealed record ProxyDiffView(ProxyView Proxy, bool IsSame, IReadOnlyList<ResourceDiff> Resources);

[ApiController]
[Route("api/v1/mesh/proxies")]
[Tags("Mesh")]
internal sealed class ProxiesController(ProxyStore proxies, XdsHub hub, INode node) : ControllerBase
{
    /// <summary>Every proxy that is known.</summary>
    /// <param name="after">The <c>next</c> of the page before.</param>
    /// <param name="limit">1 to 500.</param>
    [HttpGet]
    [Needs(Permission.View)]
    public async Task<ActionResult<Page<ProxyView>>> List(
        string? after, int limit = PageQuery.LimitDefault, CancellationToken cancellation = default)
    {
        var check = new Validation();
        check.Limit(limit);
        if (check.Fault is { } fault)
        {
            return Answers.Problem(fault);
        }

        var found = await proxies.List(new(after, limit), cancellation);
        return Page<ProxyView>.Of([.. found.Select(ProxyView.Of)], limit, view => view.Proxy);
    }

    /// <summary>What a proxy has, against what it should have, resource by resource. Answered by the host that it is connected to.</summary>
    [HttpGet("{name}")]
    [Needs(Permission.View)]
    public async Task<ActionResult<ProxyDiffView>> Diff(string name, CancellationToken cancellation)
    {
        if (await proxies.Find(name, cancellation) is not { } known)
        {
            return Answers.Problem(Fault.NotFound("proxy", name));
        }

        if (hub.All().Where(stream => stream.Proxy.Name == name).MaxBy(stream => stream.OpenedAt) is not { } stream)
        {
            return Answers.Problem(Fault.Unavailable(
                known.LeftAt is null && known.Node != node.Name
                    ? $"Proxy '{known.Name}' is connected to host {known.Node}, which alone knows what it has; ask there."
                    : $"Proxy '{known.Name}' is not connected; what it has is not known."));
        }

        var resources = ResourceDiff.Of(stream);
        return new ProxyDiffView(ProxyView.Of(known), resources.All(resource => resource.IsSame), resources);
    }

    /// <summary>Forgets a proxy that is gone for good, so that nobody waits for it. One that is connected is not forgotten.</summary>
    [HttpDelete("{name}")]
    [Needs(Permission.Operate)]
    [ProducesResponseType(StatusCodes.Status204NoContent)]
    public async Task<ActionResult> Forget(string name, CancellationToken cancellation) =>
        await proxies.Forget(name, cancellation)
            ? NoContent()
            : Answers.Problem(Fault.Conflict($"Proxy '{FieldFault.Of("", name, "").Value}' is connected, or not known."));
}
