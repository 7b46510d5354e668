using System.Text.Json;
using Fury.Catalog.Contracts;
using Fury.Cli.CommandLine;
using Fury.Deployments.Contracts;
using Fury.Kernel;

namespace Fury.Cli.Tests;

/// <summary>The built program as a script sees it: exit code, standard output, standard error.</summary>
public sealed class CommandsTests
{
    private const string Apps = "/api/v1/applications";
    private const string Scope = $"{Apps}/hello/scopes/production-web";

    [Fact]
    public async Task A_list_is_a_table_and_its_json_is_what_the_api_answered()
    {
        await using var api = await FakeApi.Start();
        var page = JsonSerializer.Serialize(new Page<Application>([Given.Hello, Given.Shop], "shop"), FuryJson.Options);
        api.Answers("GET", Apps, page).Answers("GET", $"{Apps}?after=a&limit=2", page);

        var table = await CliProcess.Run(api, "app", "list");
        var json = await CliProcess.Run(api, "app", "list", "-o", "json", "--after", "a", "--limit", "2");

        Assert.Equal((ExitCode.Ok, ""), (table.ExitCode, table.Error));
        Assert.Equal(
            """
            NAME   TEAM      CRITICALITY  CREATED
            hello  greeters  low          2026-11-21 10:00:00Z
            shop   checkout  critical     2026-11-22 10:00:00Z
            There are more: --after shop

            """,
            table.Out);
        Assert.Equal((ExitCode.Ok, page + "\n"), (json.ExitCode, json.Out));
    }

    [Fact]
    public async Task The_token_comes_from_the_environment()
    {
        await using var api = await FakeApi.Start();
        api.Answers("GET", $"{Apps}/hello", Given.Hello);

        await CliProcess.Run(api, "app", "show", "hello");

        Assert.Equal("Bearer t0ken", Assert.Single(api.Requests).Headers["Authorization"]);
    }

    [Fact]
    public async Task A_refusal_names_every_bad_field_and_what_would_be_right()
    {
        await using var api = await FakeApi.Start();
        var problem = JsonSerializer.Serialize(
            new
            {
                Title = "minReplicas must be 1 to 1000. healthPath must be a path.",
                Status = 400,
                Kind = "invalid",
                Errors = new[] { FieldFault.Of("minReplicas", 0, "1 to 1000"), FieldFault.Of("healthPath", null, "a path such as /health") },
            },
            FuryJson.Options);
        api.Answers("PUT", Scope, problem, 400);

        var table = await CliProcess.Run(api, "scope", "create", "production-web", "-a", "hello", "--min", "0", "--cpu", "100", "--env", "A=b=c");
        var json = await CliProcess.Run(api, "scope", "create", "production-web", "-a", "hello", "-o", "json");

        Assert.Equal((ExitCode.Failed, ""), (table.ExitCode, table.Out));
        Assert.Equal(
            """
            fury: The request was refused (400):
              minReplicas must be 1 to 1000, not '0'.
              healthPath must be a path such as /health; it is missing or empty.

            """,
            table.Error);
        Assert.Equal((ExitCode.Failed, problem + "\n"), (json.ExitCode, json.Error));
        Assert.Equal("""{"size":{"cpuMillis":100},"minReplicas":0,"environment":{"A":"b=c"}}""", api.Requests.First().Body);
    }

    [Fact]
    public async Task What_is_not_said_of_a_scopes_scaling_stays_as_it_was()
    {
        await using var api = await FakeApi.Start();
        var scaled = Given.ProductionWeb with { Scaling = new([new("@daily", "UTC", 2)], 20, 600) };
        api.Answers("GET", Scope, scaled).Answers("PUT", Scope, scaled);

        var ended = await CliProcess.Run(
            api, "scope", "set", "production-web", "-a", "hello", "--schedule", "0 8 * * 1-5 America/Sao_Paulo 4", "--sleep-after", "0",
            "--target", "cpu=60", "--step", "queue:1000=5", "--warm-up", "2m", "--spot", "70");
        var refused = await CliProcess.Run(api, "scope", "set", "production-web", "-a", "hello", "--schedule", "0 8 * * 1-5 four");

        Assert.Equal((ExitCode.Ok, ""), (ended.ExitCode, ended.Error));
        Assert.Contains("scaling      @daily UTC: at least 2; 20 requests in flight per replica; sleeps after 600 s without a request\n", ended.Out);
        var put = api.Requests.Single(request => request.Method == "PUT");
        Assert.Equal("\"3\"", put.Headers["If-Match"]);
        Assert.Equal(
            """
            {"compute":"standard","criticality":"high","workload":"web","size":{"cpuMillis":500,"memoryMiB":256},"minReplicas":2,"maxReplicas":6,
            "environment":{"LOG_LEVEL":"info"},"healthPath":"/health","scaling":{"schedules":[{"cron":"0 8 * * 1-5","timeZone":"America/Sao_Paulo",
            "minReplicas":4}],"inFlightPerReplica":20,"autoscale":{"targets":[{"metric":"cpu","perReplica":60}],"steps":[{"metric":"queue","from":1000,
            "replicas":5}],"warmUpSeconds":120,"coolDownSeconds":180},"spot":{"percent":70,"onDemandBase":0}}}
            """.ReplaceLineEndings(""),
            put.Body);
        Assert.Equal(ExitCode.Usage, refused.ExitCode);
        Assert.Contains("\"0 8 * * 1-5 America/Sao_Paulo 4\", not '0 8 * * 1-5 four'.", refused.Error);
    }

    [Fact]
    public async Task A_busy_scope_is_refused_with_the_deployment_in_the_way()
    {
        await using var api = await FakeApi.Start();
        api.Answers(
            "POST", $"{Scope}/deployments", $$"""{"title":"A deployment is in progress.","status":409,"deploymentId":"{{Given.Id}}"}""", 409);

        var ended = await CliProcess.Run(
            api, "deploy", "1.1.0", "-a", "hello", "-s", "production-web", "--judge", "2m", "--max-error-percent", "0.5",
            "--when-unconverged", "go-on", "--key", "k1", "--by", "ann");

        Assert.Equal((ExitCode.Failed, $"fury: A deployment is in progress.\n  deploymentId: {Given.Id}\n"), (ended.ExitCode, ended.Error));
        var request = Assert.Single(api.Requests);
        Assert.Equal("k1", request.Headers["Idempotency-Key"]);
        Assert.Equal(
            """{"version":"1.1.0","strategy":"blue-green","policy":{"judgeSeconds":120,"maxErrorPercent":0.5,"whenUnconverged":"go-on"},"by":"ann"}""",
            request.Body);
    }

    [Fact]
    public async Task Metrics_are_read_from_a_file_and_a_key_that_is_not_known_is_told_with_its_place()
    {
        await using var api = await FakeApi.Start();
        api.Answers("POST", $"{Scope}/deployments", """{"title":"No.","status":400}""", 400);
        var file = Path.Combine(Directory.CreateTempSubdirectory("fury-test-").FullName, "metrics.json");
        await File.WriteAllTextAsync(file, """[{"name": "queue", "source": "prom", "kind": "value", "value": "queue"}]""");
        await CliProcess.Run(api, "deploy", "1.1.0", "-a", "hello", "-s", "production-web", "--metrics", file, "--by", "ann");
        Assert.Equal(
            """
            {"version":"1.1.0","strategy":"blue-green",
            "policy":{"metrics":[{"name":"queue","source":"prom","kind":"value","value":"queue"}]},"by":"ann"}
            """.ReplaceLineEndings(""),
            Assert.Single(api.Requests).Body);

        await File.WriteAllTextAsync(file, """[{"name": "queue", "threshold": 5}]""");
        var refused = await CliProcess.Run(api, "deploy", "1.1.0", "-a", "hello", "-s", "production-web", "--metrics", file);
        Assert.Equal(ExitCode.Usage, refused.ExitCode);
        Assert.Contains("metrics.json, line 1, at $[0].threshold: ", refused.Error, StringComparison.Ordinal);
        Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
    }

    [Fact]
    public async Task No_host_is_exit_code_4_at_once()
    {
        var ended = await CliProcess.Run(new Uri("http://127.0.0.1:1"), Path.GetTempPath(), "app", "list");

        Assert.Equal(ExitCode.Unreachable, ended.ExitCode);
        Assert.StartsWith("fury: No Fury host answers at http://127.0.0.1:1/:", ended.Error);
    }

    [Theory]
    [InlineData(DeploymentPhase.Done, ExitCode.Ok)]
    [InlineData(DeploymentPhase.RolledBack, ExitCode.WentBack)]
    [InlineData(DeploymentPhase.Aborted, ExitCode.WentBack)]
    public async Task A_watched_deployment_tells_its_end_by_the_exit_code(DeploymentPhase end, int exitCode)
    {
        await using var api = (await FakeApi.Start()).WithDeployment(end);

        var ended = await CliProcess.Run(api, "deploy", "1.1.0", "-a", "hello", "-s", "production-web", "--watch");

        var word = JsonSerializer.Serialize(end, FuryJson.Options).Trim('"');
        Assert.Equal((exitCode, ""), (ended.ExitCode, ended.Error));
        Assert.Equal(
            $"""
            hello/production-web: 1.1.0 by blue-green, deployment {Given.Id}
            10:00:01.000  admitted            Accepted.
            10:00:02.000  provisioning        The candidate pool is being started.
            10:00:03.000  shifting            The candidate is ready.
            10:00:04.000  {word,-18}  It has ended.
            1.1.0 {word} after 4.0 s. It has ended.

            """,
            ended.Out);
    }

    [Fact]
    public async Task The_nearest_fury_yaml_says_which_application_scope_and_version()
    {
        await using var api = (await FakeApi.Start()).WithDeployment(DeploymentPhase.Done);
        var folder = Directory.CreateTempSubdirectory("fury-yaml-");
        try
        {
            await File.WriteAllTextAsync(
                Path.Combine(folder.FullName, "fury.yaml"), "application: hello # ours\nscope: production-web\nversion: 1.1.0\n");
            var inner = folder.CreateSubdirectory("src/deep").FullName;

            var found = await CliProcess.Run(api.Address, inner, "deploy", "--strategy", "all-in", "-o", "json");
            await File.WriteAllTextAsync(Path.Combine(inner, "fury.yaml"), "aplication: hello\nscope: Production\n");
            var broken = await CliProcess.Run(api.Address, inner, "status");

            Assert.Equal((ExitCode.Ok, JsonSerializer.Serialize(Given.Deployment, FuryJson.Options) + "\n"), (found.ExitCode, found.Out));
            Assert.Equal(ExitCode.Usage, broken.ExitCode);
            Assert.Contains("fury.yaml:1: 'aplication' is not known: the file has application, scope, version, ", broken.Error);
            Assert.Contains("fury.yaml:2: scope must be environment-role", broken.Error);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
