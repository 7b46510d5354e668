using Fury.Hosting;
using Fury.Kernel;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace Fury.Mesh.Proxies;

/// <summary>A proxy as the API shows it.</summary>
internal sealed record ProxyView(string Proxy, string Node, long AppliedVersion, DateTimeOffset HeardAt, bool Live)
{
    public static ProxyView Of(RecordedProxy proxy) =>
        new(proxy.State.Proxy, proxy.Node, proxy.State.AppliedVersion, proxy.State.HeardAt, proxy.Live);
}

[ApiController]
[Route("api/v1/mesh/proxies")]
[Tags("Mesh")]
internal sealed class ProxiesController(ProxyStore proxies) : ControllerBase
{
    /// <summary>Every proxy that is known, with the routing version it has applied, and whether it is waited for (live).</summary>
    /// <param name="after">The <c>next</c> of the page before.</param>
    /// <param name="limit">1 to 500.</param>
    [HttpGet]
    public async Task<ActionResult<Page<ProxyView>>> List(
        string? after, int limit = PageQuery.LimitDefault, CancellationToken cancellation = default)
    {
        var check = new Validation();
        check.Require(limit is >= 1 and <= PageQuery.LimitMax, limit, $"1 to {PageQuery.LimitMax}");
        if (check.Fault is { } fault)
        {
            return Answers.Problem(fault);
        }

        var found = await proxies.List(new(after, limit), cancellation);
        return Page<ProxyView>.Of([.. found.Select(ProxyView.Of)], limit, view => view.Proxy);
    }
}
