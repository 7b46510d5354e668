using System.Text.Json;
using Fury.Catalog.Contracts;
using Fury.Cli.CommandLine;
using Fury.Deployments.Contracts;
using Fury.Kernel;
using Microsoft.AspNetCore.Http;

namespace Fury.Cli.Tests;

/// <summary>What a person reads, letter by letter, and the same as JSON.</summary>
public sealed class TablesTests
{
    private const string App = "/api/v1/applications/hello";
    private const string Web = $"{App}/scopes/production-web";
    private static readonly string[] Where = ["-a", "hello", "-s", "production-web"];

    private static readonly InstanceId Replica = InstanceId.From(Guid.Parse("01932c8e-7a54-7000-8000-00000000000a"));

    private static readonly ScopeStatus Status = new(
        Given.Scope, new Uri("http://production-web.hello.localhost:7081"), Given.Release, VersionName.Parse("1.0.0"), 7,
        [
            new PoolStatus(
                Given.Pool, Given.Release, VersionName.Parse("1.0.0"), "local/this-machine/instances", "active", 100, 1, 2,
                [
                    new ReplicaStatus(Replica, "ready", "127.1.0.1", 8080, 0, null),
                    new ReplicaStatus(Replica, "unready", null, 0, 3, "The process has ended with code 1."),
                ],
                1200, 3, 0, 4, null),
        ],
        Given.Deployment);

    [Theory]
    [InlineData("app show hello", """
        application  hello
        team         greeters
        criticality  low
        created      2026-11-21 10:00:00Z
        revision     1

        """)]
    [InlineData("scope list -a hello", """
        SCOPE           COMPUTE   WORKLOAD  CRITICALITY  REPLICAS  SIZE         CREATED
        production-web  standard  web       high         2 to 6    500m 256MiB  2026-11-21 10:00:00Z

        """)]
    [InlineData("scope show production-web -a hello", """
        scope        hello/production-web
        compute      standard
        workload     web
        criticality  high
        replicas     2 to 6
        scaling      -
        size         500m 256MiB
        health path  /health
        environment  LOG_LEVEL=info
        created      2026-11-21 10:00:00Z
        revision     3

        """)]
    [InlineData("version list -a hello", """
        VERSION  COMMAND  DIGEST               CREATED
        1.1.0    hello    sha256:0123456789ab  2026-11-21 10:00:00Z

        """)]
    [InlineData("version show 1.1.0 -a hello", """
        version       hello 1.1.0
        command       hello --verbose
        artifact      file:///data/artifacts/sha256-ab
        digest        sha256:0123456789abcdef0123456789abcdef
        environment   HELLO_VERSION=1.1.0
        forward only  no
        created       2026-11-21 10:00:00Z

        """)]
    [InlineData("releases -a hello -s production-web", """
        RELEASE           VERSION  REPLICAS  SIZE         CREATED
        9f2c51b07ad3e8c4  1.1.0    2 to 6    500m 256MiB  2026-11-21 10:00:00Z

        """)]
    [InlineData("deployments -a hello -s production-web", """
        DEPLOYMENT                            VERSION  STRATEGY    PHASE     CREATED               TOOK  REASON
        01932c8e-7a54-7d5c-b5d1-1f2c3a4b5c6d  1.1.0    blue-green  admitted  2026-11-21 10:00:00Z  -     Accepted.

        """)]
    [InlineData("status -a hello -s production-web", """
        scope        hello/production-web
        address      http://production-web.hello.localhost:7081/
        version      1.0.0 (release 9f2c51b07ad3e8c4)
        in progress  1.1.0 by blue-green: admitted, deployment 01932c8e-7a54-7d5c-b5d1-1f2c3a4b5c6d

        POOL                                  VERSION  PHASE   WEIGHT  READY  REQUESTS  ERRORS  FAILURES  IN FLIGHT  PROBLEM
        01932c8e-7a54-7000-8000-000000000001  1.0.0    active  100 %   1/2    1200      3       0         4          -

        REPLICA                               VERSION  PHASE    ADDRESS         RESTARTS  REASON
        01932c8e-7a54-7000-8000-00000000000a  1.0.0    ready    127.1.0.1:8080  0         -
        01932c8e-7a54-7000-8000-00000000000a  1.0.0    unready  -               3         The process has ended with code 1.

        """)]
    [InlineData("events 01932c8e-7a54-7d5c-b5d1-1f2c3a4b5c6d", """
        10:00:01.000  admitted            Accepted.
        10:00:02.000  provisioning        The candidate pool is being started.
        10:00:03.000  shifting            The candidate is ready.
        10:00:04.000  done                It has ended.

        """)]
    [InlineData("abort -a hello -s production-web", """
        deployment  01932c8e-7a54-7d5c-b5d1-1f2c3a4b5c6d
        scope       hello/production-web
        version     1.1.0
        strategy    blue-green
        phase       admitted
        reason      Accepted.
        Follow it: fury events 01932c8e-7a54-7d5c-b5d1-1f2c3a4b5c6d --follow

        """)]
    public async Task Each_command_prints_its_table_and_its_json(string command, string table)
    {
        await using var api = await Host();
        var arguments = command.Split(' ');

        var plain = await InProcess.Run(api, arguments);
        var answered = api.Requests.Last();
        var json = await InProcess.Run(api, [.. arguments, "-o", "json"]);

        Assert.Equal((ExitCode.Ok, "", table), (plain.ExitCode, plain.Error, plain.Out));
        Assert.Equal((ExitCode.Ok, await Raw(api, answered) + Environment.NewLine), (json.ExitCode, json.Out));
    }

    [Theory]
    [InlineData("deploy 1.1.0 --watch -a hello -s production-web")]
    [InlineData("rollback --watch -a hello -s production-web")]
    [InlineData("abort 01932c8e-7a54-7d5c-b5d1-1f2c3a4b5c6d --watch")]
    [InlineData("events 01932c8e-7a54-7d5c-b5d1-1f2c3a4b5c6d --follow")]
    public async Task Watched_as_json_each_event_is_a_line_and_the_deployment_the_last_one(string command)
    {
        await using var api = (await FakeApi.Start()).WithDeployment(DeploymentPhase.Aborted);

        var ended = await InProcess.Run(api, [.. command.Split(' '), "-o", "json"]);

        var lines = ended.Out.TrimEnd().Split('\n');
        Assert.Equal(ExitCode.WentBack, ended.ExitCode);
        Assert.Equal(
            Given.History(DeploymentPhase.Aborted).Select(news => JsonSerializer.Serialize(news, FuryJson.Options)),
            lines[..^1]);
        Assert.Equal(DeploymentPhase.Aborted, JsonSerializer.Deserialize<Deployment>(lines[^1], FuryJson.Options)!.Phase);
    }

    [Fact]
    public async Task A_revision_is_sent_as_an_etag()
    {
        await using var api = await FakeApi.Start();
        api.Answers("PUT", App, Given.Hello);

        await InProcess.Run(api, "app", "create", "hello", "--team", "t", "--if-match", "3");
        await InProcess.Run(api, "app", "create", "hello", "--team", "t", "--if-match", "\"3\"");

        Assert.Equal(["\"3\"", "\"3\""], api.Requests.Select(request => request.Headers["If-Match"]));
    }

    [Fact]
    public async Task An_empty_list_says_what_to_do()
    {
        await using var api = await FakeApi.Start();
        api.Answers("GET", $"{App}/scopes", """{"items":[]}""");

        var ended = await InProcess.Run(api, "scope", "list", "-a", "hello");

        Assert.Equal("No scopes yet. Create one: fury scope create production-web -a hello\n", ended.Out);
    }

    [Fact]
    public async Task A_scope_that_sleeps_says_so()
    {
        await using var api = await FakeApi.Start();
        api.Answers("GET", $"{Web}/status", Status with { AsleepSince = Given.Time });

        var ended = await InProcess.Run(api, ["status", .. Where]);

        Assert.Contains("\nasleep       since 2026-11-21 10:00:00Z; the next request wakes it\n", ended.Out);
    }

    [Fact]
    public async Task What_is_not_there_is_exit_code_1_with_the_hosts_words()
    {
        await using var api = await FakeApi.Start();

        var ended = await InProcess.Run(api, ["status", .. Where]);

        Assert.Equal((ExitCode.Failed, "", "fury: There is no such thing.\n"), (ended.ExitCode, ended.Out, ended.Error));
    }

    [Fact]
    public async Task Logs_come_line_by_line_and_cannot_steer_the_terminal()
    {
        await using var api = await FakeApi.Start();
        api.On("GET", $"{Web}/logs?tail=2&follow=false", context => context.Response.WriteAsync("one\n"))
            .On("GET", $"{Web}/logs?tail=100&follow=true", context => context.Response.WriteAsync("a bell\a\nand a colour\e[31m\n"));

        Assert.Equal("one\n", (await InProcess.Run(api, ["logs", "--tail", "2", .. Where])).Out);
        Assert.Equal("a bell\uFFFD\nand a colour\uFFFD[31m\n", (await InProcess.Run(api, ["logs", "-f", .. Where])).Out);
    }

    private static async Task<FakeApi> Host() => (await FakeApi.Start()).WithDeployment(DeploymentPhase.Done)
        .Answers("GET", App, Given.Hello)
        .Answers("GET", $"{App}/scopes", new Page<Scope>([Given.ProductionWeb], null))
        .Answers("GET", Web, Given.ProductionWeb)
        .Answers("GET", $"{App}/versions", new Page<ApplicationVersion>([Given.Version], null))
        .Answers("GET", $"{App}/versions/1.1.0", Given.Version)
        .Answers("GET", $"{Web}/releases", new Page<Release>(
            [
                new Release(
                    Given.Release, Given.Scope, VersionName.Parse("1.1.0"), Given.Version.Artifact, Given.Version.Environment,
                    ComputeKind.Standard, new InstanceSize(500, 256), 2, 6, "/health", Given.Time),
            ],
            null))
        .Answers("GET", $"{Web}/deployments", new Page<Deployment>([Given.Deployment], null))
        .Answers("GET", $"{Web}/status", Status);

    private static async Task<string> Raw(FakeApi api, Seen request)
    {
        using var http = new HttpClient();
        using var again = new HttpRequestMessage(new HttpMethod(request.Method), new Uri(api.Address, request.Path));
        using var answer = await http.SendAsync(again);
        return await answer.Content.ReadAsStringAsync();
    }
}
