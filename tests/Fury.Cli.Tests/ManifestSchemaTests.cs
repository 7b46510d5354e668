using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fury.Cli.CommandLine;
using Fury.Cli.Project;
using Fury.Deployments.Contracts;
using Fury.Kernel;

namespace Fury.Cli.Tests;

public sealed class ManifestSchemaTests
{
    private static readonly JsonNode Schema = JsonNode.Parse(ManifestSchema.Json)!;

    [Fact]
    public async Task The_schema_is_the_committed_one()
    {
        var printed = await InProcess.Run("schema");
        var path = DocumentationTests.Page("docs/fury.schema.json");
        if (Environment.GetEnvironmentVariable("FURY_GOLDEN") == "write")
        {
            await File.WriteAllTextAsync(path, printed.Out);
        }

        Assert.Equal(await File.ReadAllTextAsync(path), printed.Out);
    }

    [Fact]
    public void Each_snippet_of_the_pages_is_right_by_schema_and_by_reader()
    {
        var snippets = DocumentationTests.Pages().SelectMany(Snippets).ToList();

        Assert.True(snippets.Count >= 8, $"{snippets.Count}");
        Assert.All(snippets, snippet =>
        {
            Assert.Empty(SchemaCheck.Faults(Schema, SchemaCheck.Yaml(snippet)));
            Wishes.Of(ManifestReader.Read("fury.yaml", snippet));
        });
    }

    [Theory]
    [InlineData("application: Hello")]
    [InlineData("aplication: hello")]
    [InlineData("version: 1.0")]
    [InlineData("scope: web")]
    [InlineData("applications: {shop: {}}")]
    [InlineData("applications: {Shop: {team: a}}")]
    [InlineData("applications: {shop: {team: 7}}")]
    [InlineData("applications: {shop: {team: a, services: {sql: [a]}}}")]
    [InlineData("applications: {shop: {team: a, services: {queue: a}}}")]
    [InlineData("applications: {shop: {team: a, services: {queue: [A]}}}")]
    [InlineData("applications: {shop: {team: a, scopes: {production-web: {minReplicas: 0}}}}")]
    [InlineData("applications: {shop: {team: a, scopes: {production-web: {minReplicas: two}}}}")]
    [InlineData("applications: {shop: {team: a, scopes: {production-web: {minReplicas: 1.5}}}}")]
    [InlineData("applications: {shop: {team: a, scopes: {production-web: {size: {cpuMillis: 1}}}}}")]
    [InlineData("applications: {shop: {team: a, scopes: {production-web: {environment: {LOG: [a]}}}}}")]
    [InlineData("applications: {shop: {team: a, scopes: {production-web: {scaling: {spot: {percent: 101}}}}}}")]
    [InlineData("applications: {shop: {team: a, scopes: {production-web: {routing: {http2: sometimes}}}}}")]
    [InlineData("applications: {shop: {team: a, scopes: {production-web: {bindings: {queue: {orders: {}}}}}}}")]
    [InlineData("applications: {shop: {team: a, scopes: {production-web: {bindings: {queue: {orders: {driver: a, endpoint: 'redis://u:p@h'}}}}}}}")]
    [InlineData("applications: {shop: {team: a, scopes: {production-web: {deploy: {strategy: yolo}}}}}")]
    [InlineData("applications: {shop: {team: a, scopes: {production-web: {deploy: {policy: {judgeSeconds: -1}}}}}}")]
    [InlineData("freezes: {weekend: {}}")]
    [InlineData("freezes: {weekend: {reason: r, from: tomorrow}}")]
    [InlineData("webhooks: {chat: {url: 'ftp://a'}}")]
    [InlineData("webhooks: {chat: {url: 'https://a', phases: [over]}}")]
    [InlineData("webhooks: [chat]")]
    public void What_is_wrong_is_refused_by_both(string text)
    {
        Assert.NotEmpty(SchemaCheck.Faults(Schema, SchemaCheck.Yaml(text)));
        Assert.Throws<CommandFailure>(() => ManifestReader.Read("fury.yaml", text));
    }

    /// <summary>What the API takes can be said in the file, and nothing else can.</summary>
    [Theory]
    [InlineData("/api/v1/applications/{application}", nameof(ManifestShape.Application), "")]
    [InlineData("/api/v1/applications/{application}/scopes/{scope}", nameof(ManifestShape.Scope), "")]
    [InlineData("/api/v1/applications/{application}/scopes/{scope}/traffic-policy", nameof(ManifestShape.Routing), "")]
    [InlineData("/api/v1/freezes/{name}", nameof(ManifestShape.Freeze), "by")]
    [InlineData("/api/v1/webhooks/{name}", nameof(ManifestShape.Webhook), "secret")]
    public void The_file_says_what_the_API_takes(string path, string shape, string besides)
    {
        var api = JsonNode.Parse(File.ReadAllText(DocumentationTests.Page("src/Fury.Web/openapi.json")))!;
        var body = api["paths"]![path]!["put"]!["requestBody"]!["content"]!["application/json"]!["schema"]!;
        var fields = (Fields)typeof(ManifestShape).GetProperty(shape)!.GetValue(null)!;

        var taken = Properties(api, body).Except(besides.Split(' '));
        var said = Paths(fields, "").Except(["secretFile"]);

        Assert.Equal(taken.Order(), said.Order());
    }

    [Fact]
    public void How_it_is_deployed_is_what_a_deployment_takes()
    {
        Assert.Equal(Names<DeploymentRequest>().Except(["version", "by"]).Order(), ManifestShape.Deploy.All.Select(one => one.Name).Order());
        Assert.Equal(Names<PolicyRequest>().Order(), PolicyShape.Policy.All.Select(one => one.Name).Order());
        Assert.Equal(Names<StepRequest>().Order(), Items("steps"));
        Assert.Equal(Names<PlaceRequest>().Order(), Items("locations"));
        Assert.Equal(Names<MetricRequest>().Order(), ((Fields)((Many)PolicyShape.Policy.Find("metrics")!).Of).All.Select(one => one.Name).Order());

        static IEnumerable<string> Items(string name) => ((Fields)((Many)ManifestShape.Deploy.Find(name)!).Of).All.Select(one => one.Name).Order();
    }

    [Theory]
    [InlineData("hello", "a", "a-", "-a", "A1", "a1", "a--b", "web", "production-web", "1.0.0", "1.0", "01.0.0", "1.0.0-rc.1+b.7", "a/b", "")]
    public void Names_are_those_of_the_platform(params string[] texts) => Assert.All(texts, text =>
    {
        Assert.Equal(ApplicationName.TryParse(text, out _), Fits("application", text));
        Assert.Equal(ScopeName.TryParse(text, out _), Fits("scope", text));
        Assert.Equal(VersionName.TryParse(text, out _), Fits("version", text));
    });

    private static bool Fits(string field, string text) => ((Text)ManifestShape.Root.Find(field)!).Fits(text);

    private static IEnumerable<string> Names<T>() => typeof(T).GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Select(property => JsonNamingPolicy.CamelCase.ConvertName(property.Name));

    private static IEnumerable<string> Paths(Fields fields, string path) => fields.All.SelectMany(one => one.Shape switch
    {
        Fields inner => Paths(inner, $"{path}{one.Name}."),
        Many { Of: Fields item } => Paths(item, $"{path}{one.Name}[]."),
        _ => [$"{path}{one.Name}"],
    });

    private static IEnumerable<string> Properties(JsonNode api, JsonNode schema, string path = "")
    {
        var one = schema["$ref"] is { } name ? api["components"]!["schemas"]![name.GetValue<string>().Split('/')[^1]]! : schema;
        if ((one["oneOf"] ?? one["anyOf"]) is JsonArray choices)
        {
            return Properties(api, choices.Single(choice => choice!["type"]?.ToString() != "null")!, path);
        }

        return one switch
        {
            _ when one["properties"] is JsonObject all => all.SelectMany(property => Properties(api, property.Value!, $"{path}.{property.Key}")),
            _ when one["items"] is { } items => Properties(api, items, $"{path}[]"),
            _ => [(path.EndsWith("[]", StringComparison.Ordinal) ? path[..^2] : path).TrimStart('.')],
        };
    }

    private static IEnumerable<string> Snippets(string page)
    {
        var blocks = File.ReadAllText(page).Split("```yaml\n").Skip(1).Select(block => block.Split("\n```")[0]);
        return blocks.Where(block => block.StartsWith("# fury.yaml", StringComparison.Ordinal));
    }
}
