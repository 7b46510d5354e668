using Fury.Sidecar.Forwarding;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Abstractions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Fury.Sidecar.Hosting;

/// <summary>
/// Kestrel's requests straight to the forwarder: no middleware, no per-request scope, and one <see cref="HttpContext"/> for each
/// connection, used again for its next request.
/// </summary>
internal sealed class RequestPump(RequestForwarder forwarder) : IHttpApplication<RequestPump.Request>
{
    public Request CreateContext(IFeatureCollection contextFeatures)
    {
        var kept = contextFeatures as IHostContextContainer<Request>;
        if (kept?.HostContext is { } request)
        {
            request.Context.Initialize(contextFeatures);
            return request;
        }

        request = new Request(new DefaultHttpContext(contextFeatures));
        if (kept is not null)
        {
            kept.HostContext = request;
        }

        return request;
    }

    public Task ProcessRequestAsync(Request context) => forwarder.Forward(context.Context);

    public void DisposeContext(Request context, Exception? exception) => context.Context.Uninitialize();

    internal sealed record Request(DefaultHttpContext Context);
}
