using System.Net;
using Fury.Kernel;
using Fury.Xds;
using Microsoft.AspNetCore.Http;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Transforms;
using Yarp.ReverseProxy.Transforms.Builder;

namespace Fury.Sidecar.Forwarding;

/// <summary>
/// How requests and answers are changed on their way: YARP's own rules for hop-by-hop and X-Forwarded headers, and the pool's name.
/// </summary>
internal sealed class PoolTransformers(ITransformBuilder builder)
{
    // Applications see the host name that the client used, and X-Forwarded headers of this hop only: a client's own are not to be trusted.
    private readonly HttpTransformer _common = builder.Create(transforms =>
    {
        transforms.AddOriginalHost();
        transforms.AddXForwarded(ForwardedTransformActions.Set);
    });

    public HttpTransformer For(PoolId pool) => new PoolTransformer(_common, pool.ToString());

    private sealed class PoolTransformer(HttpTransformer common, string pool) : HttpTransformer
    {
        public override async ValueTask TransformRequestAsync(
            HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
        {
            await common.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);

            // SocketsHttpHandler sends a request without content again by itself when a kept connection turns out to be dead, whatever its
            // method. With content, even an empty one, it leaves that decision to Endings.MayRetry.
            if (proxyRequest.Content is null && !Endings.IsIdempotent(httpContext.Request.Method))
            {
                proxyRequest.Content = new NoContent();
            }
        }

        public override ValueTask<bool> TransformResponseAsync(
            HttpContext httpContext, HttpResponseMessage? proxyResponse, CancellationToken cancellationToken)
        {
            var done = common.TransformResponseAsync(httpContext, proxyResponse, cancellationToken);
            if (proxyResponse is not null)
            {
                httpContext.Response.Headers[MeshProtocol.PoolHeader] = pool;
            }

            return done;
        }

        public override ValueTask TransformResponseTrailersAsync(
            HttpContext httpContext, HttpResponseMessage proxyResponse, CancellationToken cancellationToken) =>
            common.TransformResponseTrailersAsync(httpContext, proxyResponse, cancellationToken);
    }

    private sealed class NoContent : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => Task.CompletedTask;

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return true;
        }
    }
}
