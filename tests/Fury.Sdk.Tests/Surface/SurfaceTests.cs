using System.Reflection;

namespace Fury.Sdk.Tests.Surface;

/// <summary>What applications see.</summary>
public sealed class SurfaceTests
{
    private static readonly Assembly Sdk = typeof(FuryException).Assembly;

    [Fact]
    public void No_type_of_a_vendor_and_none_of_the_platform_is_in_a_signature()
    {
        var foreign =
            from type in Sdk.GetExportedTypes()
            from shown in Shown(type)
            let home = shown.Assembly.GetName().Name!
            where home != "Fury.Sdk" && !home.StartsWith("System", StringComparison.Ordinal)
                && !home.StartsWith("Microsoft.Extensions.", StringComparison.Ordinal)
            select $"{type.Name}: {shown.FullName}";

        Assert.Empty(foreign);
    }

    [Fact]
    public void Nothing_stands_behind_it_but_abstractions_and_polly() => Assert.All(
        Sdk.GetReferencedAssemblies().Select(reference => reference.Name!),
        name => Assert.True(
            name == "Polly.Core" || name.StartsWith("System", StringComparison.Ordinal)
            || (name.StartsWith("Microsoft.Extensions.", StringComparison.Ordinal) && name.EndsWith(".Abstractions", StringComparison.Ordinal)),
            name));

    [Fact]
    public void What_waits_takes_a_cancellation() => Assert.Empty(
        from type in Sdk.GetExportedTypes()
        where typeof(FuryService).IsAssignableFrom(type)
        from method in type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
        where method.Name.EndsWith("Async", StringComparison.Ordinal)
            && method.GetParameters() is not [.., { ParameterType: var last }] || (method.Name.EndsWith("Async", StringComparison.Ordinal)
            && method.GetParameters()[^1].ParameterType != typeof(CancellationToken))
        select $"{type.Name}.{method.Name}");

    private static IEnumerable<Type> Shown(Type type) => type
        .GetMembers(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly)
        .SelectMany(member => member switch
        {
            MethodInfo method => method.GetParameters().Select(parameter => parameter.ParameterType).Append(method.ReturnType),
            ConstructorInfo constructor => constructor.GetParameters().Select(parameter => parameter.ParameterType),
            PropertyInfo property => [property.PropertyType],
            FieldInfo field => [field.FieldType],
            _ => [],
        })
        .SelectMany(Parts)
        .Where(part => !part.IsGenericParameter);

    private static IEnumerable<Type> Parts(Type type) => type.HasElementType
        ? Parts(type.GetElementType()!)
        : type.IsGenericType ? type.GetGenericArguments().SelectMany(Parts).Append(type.GetGenericTypeDefinition()) : [type];
}
