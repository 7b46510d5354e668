using Envoy.Config.Core.V3;
using Fury.Xds;

namespace Fury.Mesh.Xds;

/// <summary>What kind of client it is: each understands another part of xDS.</summary>
internal enum Dialect
{
    /// <summary>Fury's own sidecar: a listener for each scope, and everything in routes and clusters.</summary>
    Fury,

    /// <summary>
    /// Proxyless gRPC: API listeners. Old ones refuse <c>string_match</c>, and one crashes on outlier rules that leave a number out
    /// (https://github.com/grpc/grpc/blob/master/doc/grpc_xds_features.md).
    /// </summary>
    Grpc,

    /// <summary>Envoy: one listener with filter chains, one set of routes with a virtual host for each scope.</summary>
    Envoy,
}

internal static class Dialects
{
    public const int Count = 3;

    public static Dialect Of(Node node) =>
        node.UserAgentName == MeshProtocol.SidecarAgent ? Dialect.Fury
        : node.UserAgentName.StartsWith("gRPC", StringComparison.OrdinalIgnoreCase) ? Dialect.Grpc
        : Dialect.Envoy;
}
