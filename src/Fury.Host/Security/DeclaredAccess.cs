using Fury.Hosting;

namespace Fury.Host;

/// <summary>Every endpoint says who may call it, or the host does not start.</summary>
internal static class DeclaredAccess
{
    /// <exception cref="InvalidOperationException">It names the endpoints that say nothing.</exception>
    public static void Require(IEndpointRouteBuilder routes)
    {
        var silent = Endpoints(routes).Where(endpoint => endpoint.Metadata.GetMetadata<IDeclaresAccess>() is null).Select(Name).Order().ToList();
        if (silent.Count > 0)
        {
            throw new InvalidOperationException($"These say not who may call them ([Needs], [OpenToAll]): {string.Join(", ", silent)}.");
        }
    }

    /// <summary>One line for each: <c>PUT /api/v1/applications/{application}: administer</c>.</summary>
    public static IEnumerable<string> Lines(IEndpointRouteBuilder routes) => Endpoints(routes)
        .Select(endpoint => $"{Name(endpoint)}: {endpoint.Metadata.GetMetadata<IDeclaresAccess>()?.Access}")
        .Distinct()
        .OrderBy(line => line.Split(' ')[1], StringComparer.Ordinal).ThenBy(line => line, StringComparer.Ordinal);

    public static IEnumerable<RouteEndpoint> Endpoints(IEndpointRouteBuilder routes) =>
        routes.DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>();

    private static string Name(RouteEndpoint endpoint) =>
        $"{string.Join(',', endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["ANY"])} /{endpoint.RoutePattern.RawText?.TrimStart('/')}";
}
