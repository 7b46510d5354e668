using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Fury.Host;

/// <summary>Ids, names and words of ours are texts in JSON: their converters write them so, which the description cannot see by itself.</summary>
internal sealed class Texts : IOpenApiSchemaTransformer
{
    public Task TransformAsync(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellationToken)
    {
        var type = Nullable.GetUnderlyingType(context.JsonTypeInfo.Type) ?? context.JsonTypeInfo.Type;
        var isOurs = type.IsValueType && type.Namespace?.StartsWith("Fury", StringComparison.Ordinal) == true;
        if (isOurs && schema is { Type: null, Properties: null or { Count: 0 } })
        {
            schema.Type = JsonSchemaType.String;
        }

        return Task.CompletedTask;
    }
}
