using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Fury.Deployments.Contracts;
using Fury.Kernel;
using Fury.Testing;

namespace Fury.Journeys.Tests;

/// <summary>Each bad request gets one clear error that names what is bad, and leaves nothing behind.</summary>
public sealed class When_a_request_is_bad : IAsyncLifetime
{
    private FuryProcess _fury = null!;
    private Platform _platform = null!;

    public async Task InitializeAsync()
    {
        _fury = await FuryProcess.Start();
        _platform = new Platform(_fury);
        await _platform.CreateHello(replicas: 1);
        await _platform.Register("1.0.0");
    }

    public async Task DisposeAsync() => await _fury.DisposeAsync();

    [Fact]
    public async Task It_is_refused_with_a_reason_and_nothing_is_left_behind()
    {
        await An_unknown_strategy_names_the_known_ones();
        await A_version_that_does_not_exist_is_not_found();
        await A_scope_name_with_bad_characters_is_named();
        await Every_bad_field_is_named_at_once();
        await An_artifact_that_is_no_executable_is_refused();
        await A_name_of_a_megabyte_gets_a_short_answer();
        await Json_that_cannot_be_read_is_refused();
        await A_job_that_cannot_be_run_says_why();
        await A_schedule_that_cannot_be_says_why();

        var status = await _platform.Status();
        Assert.Empty(status.Pools);
        Assert.Null(status.InProgress);
        Assert.Empty(_fury.LiveInstances());
        Assert.Equal(["production-web"], await Names($"{Platform.Scopes}", scope => scope.GetProperty("ref").GetProperty("scope").GetString()!));
        Assert.Equal(
            ["1.0.0"], await Names("/api/v1/applications/hello/versions", version => version.GetProperty("version").GetString()!));
    }

    [Fact]
    public async Task A_busy_scope_names_its_deployment_and_can_be_replaced()
    {
        await _platform.Register("1.1.0");
        await _platform.Register("2.0.0", ("HELLO_UNHEALTHY", "1"));
        await _platform.DeployAndWait("1.0.0", "all-in");
        var stuck = await _platform.Deploy("2.0.0", "blue-green");

        var refused = await Refusal(Post($"{Platform.Scopes}/production-web/deployments", new DeploymentRequest("1.1.0", "all-in")));
        Assert.Equal(HttpStatusCode.Conflict, refused.Status);
        Assert.Equal(stuck.Id.ToString(), refused.Problem.GetProperty("deploymentId").GetString());

        var next = await _platform.Deploy("1.1.0", "all-in", whenBusy: "replace");
        Assert.Equal(DeploymentPhase.Aborted, (await _platform.Ended(stuck.Id, TimeSpan.FromSeconds(60))).Phase);
        Assert.Equal(DeploymentPhase.Done, (await _platform.Ended(next.Id, TimeSpan.FromSeconds(60))).Phase);
        await _platform.AssertSettled("1.1.0");
    }

    [Fact]
    public async Task The_same_request_many_times_at_once_is_one_deployment()
    {
        async Task<Deployment> Once()
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, $"{Platform.Scopes}/production-web/deployments");
            request.Headers.Add("Idempotency-Key", "the-same");
            request.Content = JsonContent.Create(new DeploymentRequest("1.0.0", "all-in"), options: FuryJson.Options);
            using var answer = await _fury.Client.SendAsync(request);
            return JsonSerializer.Deserialize<Deployment>(await answer.Content.ReadAsStringAsync(), FuryJson.Options)!;
        }

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Once()));
        Assert.Single(answers.Select(answer => answer.Id).Distinct());
        await _platform.Ended(answers[0].Id, TimeSpan.FromSeconds(60));
        await _platform.AssertSettled("1.0.0");
    }

    [Fact]
    public async Task A_port_that_is_taken_is_named()
    {
        // Whoever listens on every address leaves no 127.x.y.z for an instance that wants the port.
        using var squatter = new TcpListener(IPAddress.Any, _fury.InstancePort);
        squatter.Start();
        var ended = await _platform.DeployAndWait("1.0.0", "all-in", Platform.Quick with { ProvisionSeconds = 5 });
        Assert.Equal(DeploymentPhase.RolledBack, ended.Phase);
        Assert.Contains(_fury.InstancePort.ToString(CultureInfo.InvariantCulture), ended.Reason);
    }

    private async Task An_unknown_strategy_names_the_known_ones()
    {
        var refused = await Refusal(Post($"{Platform.Scopes}/production-web/deployments", new DeploymentRequest("1.0.0", "yolo")));
        Assert.Equal(HttpStatusCode.BadRequest, refused.Status);
        Assert.Equal(["strategy"], refused.Fields);
        Assert.Contains("blue-green", refused.Problem.ToString());
    }

    private async Task A_version_that_does_not_exist_is_not_found()
    {
        var refused = await Refusal(Post($"{Platform.Scopes}/production-web/deployments", new DeploymentRequest("9.9.9", "all-in")));
        Assert.Equal(HttpStatusCode.NotFound, refused.Status);
        Assert.Contains("9.9.9", refused.Problem.GetProperty("title").GetString());
    }

    private async Task A_scope_name_with_bad_characters_is_named()
    {
        var refused = await Refusal(Put($"{Platform.Scopes}/Production_Web!", new { }));
        Assert.Equal(HttpStatusCode.BadRequest, refused.Status);
        Assert.Equal(["scope"], refused.Fields);
        Assert.Contains("environment-role", refused.Problem.ToString());
    }

    private async Task Every_bad_field_is_named_at_once()
    {
        var refused = await Refusal(Put($"{Platform.Scopes}/test-web", new { minReplicas = 0, maxReplicas = 5000, healthPath = "health" }));
        Assert.Equal(["healthPath", "maxReplicas", "minReplicas"], refused.Fields.Order());
    }

    private async Task An_artifact_that_is_no_executable_is_refused()
    {
        var folder = Directory.CreateTempSubdirectory("fury-artifact-").FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "hello"), "I am no program.");
        var refused = await Refusal(Put(
            "/api/v1/applications/hello/versions/3.0.0", new { artifact = new { path = folder, command = "hello" } }));
        Assert.Equal(HttpStatusCode.BadRequest, refused.Status);
        Assert.Contains("artifact", Assert.Single(refused.Fields));
        Directory.Delete(folder, recursive: true);
    }

    private async Task A_job_that_cannot_be_run_says_why()
    {
        const string jobs = $"{Platform.Scopes}/production-web/jobs";
        var bad = await Refusal(Post(jobs, new { version = "one", retries = 101, deadlineSeconds = 0, location = "local/nowhere" }));
        var unknown = await Refusal(Post(jobs, new { version = "9.9.9" }));
        var misspelt = await Refusal(Post(jobs, new { version = "1.0.0", retry = 1 }));
        var missing = await Refusal(_fury.Client.GetAsync($"{jobs}/{Guid.NewGuid()}"));
        var noTail = await Refusal(_fury.Client.GetAsync($"{jobs}/{Guid.NewGuid()}/logs?tail=0"));

        Assert.Equal(["deadlineSeconds", "location", "retries", "version"], bad.Fields.Order());
        Assert.Equal(HttpStatusCode.NotFound, unknown.Status);
        Assert.Contains("9.9.9", unknown.Problem.GetProperty("title").GetString());
        Assert.Equal(HttpStatusCode.BadRequest, misspelt.Status);
        Assert.Equal(HttpStatusCode.NotFound, missing.Status);
        Assert.Equal(["tail"], noTail.Fields);
        Assert.Empty(await Names(jobs, run => run.GetProperty("id").GetString()!));
    }

    private async Task A_schedule_that_cannot_be_says_why()
    {
        const string schedules = $"{Platform.Scopes}/production-web/schedules";
        var bad = await Refusal(Put(
            $"{schedules}/nightly", new { cron = "at night", timeZone = "Mars/Olympus", concurrency = "maybe", job = new { version = "one" } }));
        var unnamed = await Refusal(Put($"{schedules}/Every_Night", new { cron = "0 0 * * *", job = new { version = "1.0.0" } }));
        var unknown = await Refusal(Put($"{schedules}/nightly", new { cron = "0 0 * * *", job = new { version = "9.9.9" } }));
        var missing = await Refusal(Post($"{schedules}/nightly/run", new { }));

        Assert.Equal(["concurrency", "cron", "job.version", "timeZone"], bad.Fields.Order());
        Assert.Equal(["name"], unnamed.Fields);
        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.NotFound), (unknown.Status, missing.Status));
        Assert.Empty(await Names(schedules, schedule => schedule.GetProperty("name").GetString()!));
    }

    private async Task A_name_of_a_megabyte_gets_a_short_answer()
    {
        var inBody = await Refusal(Put("/api/v1/applications/hello", new { team = new string('x', 1 << 20) }));
        Assert.True((int)inBody.Status is 400 or 413, inBody.Status.ToString());
        Assert.True(inBody.Problem.ToString().Length < 2_000);
        var inPath = await _fury.Client.PutAsJsonAsync($"/api/v1/applications/{new string('x', 30_000)}", new { team = "a" });
        Assert.True((int)inPath.StatusCode is 400 or 414, inPath.StatusCode.ToString());
    }

    private async Task Json_that_cannot_be_read_is_refused()
    {
        var refused = await Refusal(_fury.Client.PutAsync(
            "/api/v1/applications/hello", new StringContent("{\"team\": ", Encoding.UTF8, "application/json")));
        Assert.Equal(HttpStatusCode.BadRequest, refused.Status);
    }

    private Task<HttpResponseMessage> Put(string path, object body) => _fury.Client.PutAsJsonAsync(path, body, FuryJson.Options);

    private Task<HttpResponseMessage> Post(string path, object body) => _fury.Client.PostAsJsonAsync(path, body, FuryJson.Options);

    private async Task<IEnumerable<string>> Names(string path, Func<JsonElement, string> name)
    {
        var page = JsonDocument.Parse(await _fury.Client.GetStringAsync(path)).RootElement;
        return page.GetProperty("items").EnumerateArray().Select(name);
    }

    private static async Task<(HttpStatusCode Status, JsonElement Problem, IReadOnlyList<string> Fields)> Refusal(
        Task<HttpResponseMessage> request)
    {
        using var answer = await request;
        var text = await answer.Content.ReadAsStringAsync();
        Assert.False(answer.IsSuccessStatusCode, text);
        var problem = JsonDocument.Parse(text).RootElement;
        var fields = problem.TryGetProperty("errors", out var errors) && errors.ValueKind == JsonValueKind.Array
            ? errors.EnumerateArray().Select(error => error.GetProperty("field").GetString()!).ToList()
            : [];
        return (answer.StatusCode, problem, fields);
    }
}
