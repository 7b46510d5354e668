using System.Text.Json;
using System.Text.Json.Nodes;
using Fury.Catalog.Contracts;
using Fury.Cli.CommandLine;
using Fury.Deployments.Contracts;
using Fury.Kernel;

namespace Fury.Cli.Tests;

/// <summary>Commands that tell or change one thing each: why, open, config, capacity; and how any of them writes.</summary>
public sealed class FactsTests
{
    private const string Scope = "/api/v1/applications/hello/scopes/production-web";

    private static readonly string[] Of = ["-a", "hello", "-s", "production-web"];

    [Fact]
    public async Task Why_tells_the_reason_the_verdict_and_what_would_help()
    {
        await using var api = await FakeApi.Start();
        var held = Given.Deployment with { Phase = DeploymentPhase.Held, Reason = "Too few requests." };
        api.Answers("GET", $"{Scope}/deployments?limit=1", new Page<Deployment>([held], null));
        api.Answers("GET", $"/api/v1/deployments/{Given.Id}", held);
        api.Answers(
            "GET",
            $"/api/v1/deployments/{Given.Id}/judgement",
            new JudgementStatus(7, Given.Time, "insufficient", "requests", "12 of 20 requests were seen.", new Dictionary<string, string>()));

        var why = await InProcess.Run(api, ["why", .. Of]);
        var json = await InProcess.Run(api, ["why", $"{Given.Id}", "-o", "json"]);

        Assert.Equal(
            "hello/production-web: 1.1.0 by blue-green is held. Too few requests.\nThe judge: insufficient (requests). 12 of 20 requests were seen.\n",
            why.Out);
        Assert.Equal(2, json.Out.TrimEnd().Split('\n').Select(line => JsonDocument.Parse(line)).Count());
    }

    [Theory]
    [InlineData("open -a hello -s production-web", "applications/hello/production-web")]
    [InlineData("open -a hello", "applications/hello")]
    [InlineData("open 01932c8e-7a54-7d5c-b5d1-1f2c3a4b5c6d", "deployments/01932c8e-7a54-7d5c-b5d1-1f2c3a4b5c6d")]
    [InlineData("open --backoffice", "backoffice")]
    public async Task Open_prints_the_address_of_the_page(string command, string page)
    {
        var ended = await InProcess.Run(["--host", "https://fury.example.com/", .. command.Split(' ')]);

        Assert.Equal((ExitCode.Ok, $"https://fury.example.com/{page}\n"), (ended.ExitCode, ended.Out));
    }

    [Fact]
    public async Task A_deployment_goes_as_the_file_says_where_no_option_says_otherwise()
    {
        const string Steps = """
            "steps":[{"weight":5,"gate":"evidence"},{"weight":100}]
            """;
        await using var api = await FakeApi.Start();
        api.WithDeployment(DeploymentPhase.Done);
        var folder = await Folder(
            """
            applications:
              hello:
                team: greeters
                scopes:
                  production-web:
                    deploy: {strategy: canary, steps: [{weight: 5, gate: evidence}, {weight: 100}], policy: {judgeSeconds: 7, maxErrorPercent: 1}}
            """);

        var usual = await CliProcess.Run(api.Address, folder, "deploy", "1.1.0", "--by", "ann");
        await CliProcess.Run(api.Address, folder, "deploy", "1.1.0", "--by", "ann", "--max-error-percent", "2", "--replace");
        await CliProcess.Run(api.Address, folder, "deploy", "1.1.0", "--by", "ann", "--strategy", "all-in");
        Directory.Delete(folder, recursive: true);

        Assert.Equal((ExitCode.Ok, ""), (usual.ExitCode, usual.Error));
        Assert.Equal(
            [
                $$"""{"version":"1.1.0","strategy":"canary","policy":{"judgeSeconds":7,"maxErrorPercent":1},{{Steps}},"by":"ann"}""",
                $$"""{"version":"1.1.0","strategy":"canary","policy":{"judgeSeconds":7,"maxErrorPercent":2},"whenBusy":"replace",{{Steps}},"by":"ann"}""",
                """{"version":"1.1.0","strategy":"all-in","policy":{"maxErrorPercent":1},"by":"ann"}""",
            ],
            api.Requests.Where(one => one.Method == "POST").Select(one => one.Body));
    }

    [Fact]
    public async Task What_the_file_says_without_a_strategy_is_said_of_the_usual_one()
    {
        await using var api = await FakeApi.Start();
        api.WithDeployment(DeploymentPhase.Done);
        var folder = await Folder("applications: {hello: {team: greeters, scopes: {production-web: {deploy: {policy: {judgeSeconds: 7}}}}}}");

        await CliProcess.Run(api.Address, folder, "deploy", "1.1.0", "--by", "ann");
        Directory.Delete(folder, recursive: true);

        Assert.Equal(
            """{"version":"1.1.0","strategy":"blue-green","policy":{"judgeSeconds":7},"by":"ann"}""",
            api.Requests.Single(one => one.Method == "POST").Body);
    }

    [Fact]
    public async Task The_only_scope_of_one_application_is_not_taken_for_that_of_another()
    {
        var host = new Uri("https://fury.example.com/");
        var folder = await Folder("applications: {hello: {team: greeters, scopes: {production-web: {}}}}");

        var own = await CliProcess.Run(host, folder, "open");
        var other = await CliProcess.Run(host, folder, "open", "-a", "bank");
        var status = await CliProcess.Run(host, folder, "status", "-a", "bank");
        Directory.Delete(folder, recursive: true);

        Assert.Equal("https://fury.example.com/applications/hello/production-web\n", own.Out);
        Assert.Equal("https://fury.example.com/applications/bank\n", other.Out);
        Assert.Equal(ExitCode.Usage, status.ExitCode);
        Assert.Contains("Which scope?", status.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_variable_is_changed_and_the_others_and_all_other_settings_stay()
    {
        await using var api = await FakeApi.Start();
        api.Answers("GET", Scope, Given.ProductionWeb).Answers("PUT", Scope, Given.ProductionWeb);

        var set = await InProcess.Run(api, ["config", "set", "LOG_LEVEL=debug", "COLOUR=a=b", .. Of]);
        var unset = await InProcess.Run(api, ["config", "unset", "LOG_LEVEL", .. Of]);
        var list = await InProcess.Run(api, ["config", "list", .. Of]);
        var wrong = await InProcess.Run(api, ["config", "set", "LOG_LEVEL", .. Of]);

        Assert.Equal((ExitCode.Ok, ExitCode.Ok, ExitCode.Usage), (set.ExitCode, unset.ExitCode, wrong.ExitCode));
        Assert.Equal("LOG_LEVEL  info\n", list.Out);
        var bodies = api.Requests.Where(one => one.Method == "PUT").Select(one => JsonDocument.Parse(one.Body).RootElement).ToList();
        Assert.Equal("""{"LOG_LEVEL":"debug","COLOUR":"a=b"}""", bodies[0].GetProperty("environment").GetRawText());
        Assert.Equal("{}", bodies[1].GetProperty("environment").GetRawText());
        Assert.Equal(6, bodies[0].GetProperty("maxReplicas").GetInt32());
        Assert.All(api.Requests.Where(one => one.Method == "PUT"), one => Assert.Equal("\"3\"", one.Headers["If-Match"]));
    }

    [Fact]
    public async Task Capacity_is_a_line_for_each_cluster_or_for_each_node_of_one()
    {
        await using var api = await FakeApi.Start();
        const string Rest = """
            "provider":"aws","region":"us-east-1","zones":[],"criticality":"any","phase":"active","access":"kubeconfig"
            """;
        const string Capacity = """
            {"nodes":[{"name":"n1","zone":"a","isReady":true,"isOpen":false,"allocatable":{"cpuMillis":4000,"memoryMiB":8192},
             "requested":{"cpuMillis":1000,"memoryMiB":512},"replicas":3,"replicasMax":110}],"allocatable":{"cpuMillis":4000,"memoryMiB":8192},
             "requested":{"cpuMillis":1000,"memoryMiB":512},"largestHole":{"cpuMillis":3000,"memoryMiB":7680},"at":"2026-11-21T10:00:00Z"}
            """;
        api.Answers("GET", "/api/v1/clusters?limit=500", $$"""{"items":[{"name":"away",{{Rest}}},{"name":"prod-a",{{Rest}}}],"next":"prod-a"}""");
        api.Answers("GET", "/api/v1/clusters?limit=500&after=prod-a", $$"""{"items":[{"name":"prod-b",{{Rest}}}],"next":null}""");
        api.Answers("GET", "/cluster-api/v1/clusters/away/capacity", """{"title":"It does not answer.","status":503}""", 503);
        api.Answers("GET", "/cluster-api/v1/clusters/prod-a/capacity", Capacity);

        var all = await InProcess.Run(api, "capacity");
        var json = await InProcess.Run(api, "capacity", "-o", "json");
        var one = await InProcess.Run(api, "capacity", "prod-a");

        Assert.Contains("prod-a   1      4000m 8192MiB  1000m 512MiB  3000m 7680MiB  2026-11-21 10:00:00Z", all.Out, StringComparison.Ordinal);
        Assert.Contains("\nprod-b   -      -", all.Out, StringComparison.Ordinal);
        Assert.Equal((ExitCode.Failed, "away: It does not answer.\n"), (all.ExitCode, all.Error));
        var lines = json.Out.TrimEnd().Split('\n').Select(line => JsonNode.Parse(line)!).ToList();
        Assert.Equal(["prod-a", "prod-b"], lines.Select(line => line["cluster"]!.GetValue<string>()));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(Capacity), lines[0]["capacity"]), json.Out);
        Assert.Null(lines[1]["capacity"]);
        Assert.Contains("n1    a     -      closed  4000m 8192MiB  1000m 512MiB  3/110", one.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Yaml_is_what_the_API_answered_and_wide_has_more_columns()
    {
        await using var api = await FakeApi.Start();
        api.Answers("GET", "/api/v1/applications/hello/scopes", new Page<Scope>([Given.ProductionWeb], null));

        var yaml = await InProcess.Run(api, "scope", "list", "-a", "hello", "-o", "yaml");
        var json = await InProcess.Run(api, "scope", "list", "-a", "hello", "-o", "json");
        var wide = await InProcess.Run(api, "scope", "list", "-a", "hello", "-o", "wide");

        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(json.Out), SchemaCheck.Yaml(yaml.Out)), yaml.Out);
        Assert.Contains("\n    LOG_LEVEL: info\n", yaml.Out, StringComparison.Ordinal);
        Assert.Contains("HEALTH PATH", wide.Out, StringComparison.Ordinal);
        Assert.Contains("LOG_LEVEL=info", wide.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void There_are_four_ways_of_writing_and_no_fifth()
    {
        foreach (var way in new[] { "table", "wide", "json", "yaml" })
        {
            Assert.Empty(CommandTree.Parse(["events", $"{Given.Id}", "-o", way]).Errors);
        }

        Assert.NotEmpty(CommandTree.Parse(["events", $"{Given.Id}", "-o", "xml"]).Errors);
    }

    [Theory]
    [InlineData("\"1.0\"", "\"1.0\"\n")]
    [InlineData("\"true\"", "\"true\"\n")]
    [InlineData("\"\"", "\"\"\n")]
    [InlineData("\"0x1F\"", "\"0x1F\"\n")]
    [InlineData("\"a: b\"", "'a: b'\n")]
    [InlineData("[]", "[]\n")]
    [InlineData("{\"a\":{},\"b\":[1.5,null,true]}", "a: {}\nb:\n- 1.5\n- null\n- true\n")]
    public void Text_that_looks_like_something_else_is_quoted(string json, string yaml) =>
        Assert.Equal(yaml, Output.YamlWriter.Of(JsonNode.Parse(json)));

    /// <summary>A folder with this <c>fury.yaml</c> in it, for the caller to delete.</summary>
    private static async Task<string> Folder(string manifest)
    {
        var folder = Directory.CreateTempSubdirectory("fury-cli-").FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "fury.yaml"), manifest);
        return folder;
    }
}
