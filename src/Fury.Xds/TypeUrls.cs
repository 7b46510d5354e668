namespace Fury.Xds;

/// <summary>The names by which xDS v3 asks for the four kinds of resources that Fury serves.</summary>
public static class TypeUrls
{
    /// <summary>What stands before the full name of a message in a <c>google.protobuf.Any</c>.</summary>
    public const string Prefix = "type.googleapis.com/";

    /// <summary>LDS.</summary>
    public const string Listener = Prefix + "envoy.config.listener.v3.Listener";

    /// <summary>RDS.</summary>
    public const string RouteConfiguration = Prefix + "envoy.config.route.v3.RouteConfiguration";

    /// <summary>CDS.</summary>
    public const string Cluster = Prefix + "envoy.config.cluster.v3.Cluster";

    /// <summary>EDS.</summary>
    public const string ClusterLoadAssignment = Prefix + "envoy.config.endpoint.v3.ClusterLoadAssignment";
}
