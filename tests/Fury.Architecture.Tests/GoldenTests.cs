using System.Reflection;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Routing;

namespace Fury.Architecture.Tests;

/// <summary>
/// What others build on, as text that is reviewed as a diff: every HTTP route and every contract. <c>./dev golden</c> rewrites the files.
/// </summary>
public sealed class GoldenTests
{
    private static readonly string Folder = Path.Combine(House.Root, "tests", "Fury.Architecture.Tests", "Golden");

    [Fact]
    public void The_routes_are_the_approved_ones() => AssertGolden("routes.approved.txt", Routes());

    [Fact]
    public void The_contracts_are_the_approved_ones() => AssertGolden("contracts.approved.txt", Contracts());

    private static IEnumerable<string> Routes() =>
        from room in House.Rooms
        where Rules.Schemas.ContainsKey(room.Name) || room.Name is "Fury.Host" or "Fury.ClusterApi"
        from controller in House.Load(room.Name).GetTypes()
        where typeof(ControllerBase).IsAssignableFrom(controller) && !controller.IsAbstract
        let prefix = controller.GetCustomAttribute<RouteAttribute>()?.Template
        from action in controller.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
        from verb in action.GetCustomAttributes<HttpMethodAttribute>()
        let path = string.Join('/', new[] { prefix, verb.Template }.Where(part => !string.IsNullOrEmpty(part)))
        let line = $"{string.Join(',', verb.HttpMethods)} /{path}"
        orderby path, line
        select line;

    private static IEnumerable<string> Contracts() =>
        from room in House.Rooms
        where room.Name.EndsWith(".Contracts", StringComparison.Ordinal)
        from type in room.PublicTypes.OrderBy(type => type.FullName, StringComparer.Ordinal)
        from line in Describe(type).Prepend($"{type.FullName}")
        select line;

    private static IEnumerable<string> Describe(Type type) => type.IsEnum
        ? Enum.GetNames(type).Select(name => $"    {name}")
        : type.GetProperties().Where(property => property.Name != "EqualityContract")
            .Select(property => $"    {property.Name}: {Name(property.PropertyType)}")
            .Concat(type.IsInterface
                ? type.GetMethods().Where(method => !method.IsSpecialName).Select(method =>
                    $"    {method.Name}({string.Join(", ", method.GetParameters().Select(item => Name(item.ParameterType)))}): "
                    + Name(method.ReturnType))
                : [])
            .Order(StringComparer.Ordinal);

    private static string Name(Type type) => type.IsGenericType
        ? $"{type.Name.Split('`')[0]}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>"
        : type.Name;

    private static void AssertGolden(string file, IEnumerable<string> lines)
    {
        var path = Path.Combine(Folder, file);
        var actual = string.Join('\n', lines) + "\n";
        Assert.True(actual.Length > 100, "Nothing was read.");
        if (Environment.GetEnvironmentVariable("FURY_GOLDEN") == "write")
        {
            Directory.CreateDirectory(Folder);
            File.WriteAllText(path, actual);
        }

        Assert.Equal(File.Exists(path) ? File.ReadAllText(path) : "(no approved file; run ./dev golden)", actual);
    }
}
