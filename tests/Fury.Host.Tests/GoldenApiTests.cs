using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fury.Testing;
using Microsoft.AspNetCore.Mvc.ApiExplorer;

namespace Fury.Host.Tests;

/// <summary>The API's description as a file that is reviewed as a diff; the web interface takes its types from it. <c>./dev golden</c> rewrites it.</summary>
public sealed class GoldenApiTests(OpenHost host) : IClassFixture<OpenHost>
{
    private static readonly string Golden = Path.Combine(FuryProcess.Root, "src", "Fury.Web", "openapi.json");

    private static readonly JsonSerializerOptions Written = new()
    {
        WriteIndented = true,
        IndentSize = 1,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    [Fact]
    public async Task The_description_is_the_approved_one()
    {
        var told = JsonNode.Parse(await host.Client.GetStringAsync("openapi/v1.json"))!.AsObject();
        told.Remove("servers"); // The address of this very host.
        var actual = told.ToJsonString(Written) + "\n";
        if (Environment.GetEnvironmentVariable("FURY_GOLDEN") == "write")
        {
            await File.WriteAllTextAsync(Golden, actual);
        }

        Assert.True(await File.ReadAllTextAsync(Golden) == actual, $"{Golden} is not what the host describes; './dev golden' rewrites it.");
    }

    /// <summary>The description names a shape by its type's own name: of two with one name it would show one for both.</summary>
    [Fact]
    public void No_two_shapes_of_the_API_have_one_name()
    {
        var actions = host.Get<IApiDescriptionGroupCollectionProvider>().ApiDescriptionGroups.Items.SelectMany(group => group.Items);
        var left = new Queue<Type>(actions.SelectMany(action =>
            action.ParameterDescriptions.Select(parameter => parameter.Type)
                .Concat(action.SupportedResponseTypes.Select(answer => answer.Type)).OfType<Type>()));
        HashSet<Type> seen = [];
        while (left.TryDequeue(out var type))
        {
            foreach (var part in type.GetGenericArguments().Append(type.GetElementType() ?? type))
            {
                if (seen.Add(part) && part.Namespace?.StartsWith("Fury", StringComparison.Ordinal) == true && !part.IsEnum)
                {
                    Array.ForEach(part.GetProperties(), property => left.Enqueue(property.PropertyType));
                }
            }
        }

        var shapes = seen.Where(type => !type.IsGenericType && type.Namespace?.StartsWith("Fury", StringComparison.Ordinal) == true).ToList();
        Assert.True(shapes.Count > 50, $"Only {shapes.Count} were found.");
        Assert.Empty(shapes.GroupBy(type => type.Name).Where(same => same.Count() > 1).Select(same => string.Join(" and ", same)));
    }
}
