using System.Net;
using System.Text;

namespace Fury.Catalog.Tests.Api;

public sealed class ValidationTests(CatalogFixture catalog) : IClassFixture<CatalogFixture>
{
    [Theory]
    [InlineData("applications/UPPER", """{"team":"core"}""", "application")]
    [InlineData("applications/x", """{"team":"core"}""", "application")]
    [InlineData("applications/ok", """{}""", "team")]
    [InlineData("applications/ok", """{"team":" "}""", "team")]
    [InlineData("applications/ok", """{"team":"a\u0000b"}""", "team")]
    [InlineData("applications/ok", """{"team":"core","criticality":"urgent"}""", "criticality")]
    [InlineData("applications/ok", """{"team":"core","owner":"me"}""", "owner")]
    [InlineData("applications/ok", """{"team":5}""", "team")]
    [InlineData("applications/ok", """{"team":""", "body")]
    [InlineData("applications/ok", "", "body")]
    [InlineData("applications/ok", "null", "body")]
    [InlineData("applications/Bad/scopes/web", """{"minReplicas":0,"maxReplicas":-1}""", "application,scope,minReplicas,maxReplicas")]
    [InlineData("applications/ok/scopes/test-web", """{"minReplicas":"x"}""", "minReplicas")]
    [InlineData("applications/ok/scopes/test-web", """{"minReplicas":5,"maxReplicas":4}""", "maxReplicas")]
    [InlineData("applications/ok/scopes/test-web", """{"minReplicas":1001}""", "minReplicas,maxReplicas")]
    [InlineData("applications/ok/scopes/test-web", """{"size":{"cpuMillis":49,"memoryMiB":524289}}""", "size.cpuMillis,size.memoryMiB")]
    [InlineData("applications/ok/scopes/test-web", """{"size":{"cpu":49}}""", "size.cpu")]
    [InlineData("applications/ok/scopes/test-web", """{"compute":"mainframe","workload":"batch"}""", "compute,workload")]
    [InlineData("applications/ok/scopes/test-web", """{"healthPath":"health"}""", "healthPath")]
    [InlineData("applications/ok/scopes/test-web", """{"healthPath":"/a b"}""", "healthPath")]
    [InlineData("applications/ok/scopes/test-web", """{"environment":{"lower":"1","SCOPE":"1","FURY_X":"1","PORT":"1","A":null}}""",
        "environment.lower,environment.SCOPE,environment.FURY_X,environment.PORT,environment.A")]
    [InlineData("applications/ok/scopes/test-web", """{"environment":{"A":"\u0000"}}""", "environment.A")]
    [InlineData("applications/ok/scopes/test-web", """{"environment":[]}""", "environment")]
    [InlineData("applications/ok/scopes/test-web", """{"scaling":{"sleepAfterSeconds":9,"inFlightPerReplica":0}}""",
        "scaling.inFlightPerReplica,scaling.sleepAfterSeconds")]
    [InlineData("applications/ok/scopes/test-web", """{"scaling":{"schedules":[{"cron":"0 8 * *","timeZone":"Mars/North","minReplicas":2},null]}}""",
        "scaling.schedules[0].cron,scaling.schedules[0].timeZone,scaling.schedules[0].minReplicas,scaling.schedules[1].cron,scaling.schedules[1].minReplicas")]
    [InlineData("applications/ok/scopes/test-web", """{"scaling":{"schedules":[{"cron":"0 0 30 2 *","minReplicas":1}]}}""", "scaling.schedules[0].cron")]
    [InlineData("applications/ok/scopes/test-web",
        """{"scaling":{"schedules":[{"cron":"@daily","timeZone":"E. South America Standard Time","minReplicas":1}]}}""", "scaling.schedules[0].timeZone")]
    [InlineData("applications/ok/scopes/test-web", """{"scaling":{"schedules":[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]}}""", "scaling.schedules[0]")]
    [InlineData("applications/ok/scopes/test-web", """{"scaling":{"sleep":60}}""", "scaling.sleep")]
    [InlineData("applications/ok/scopes/test-web", """{"scaling":{"autoscale":{},"spot":{"percent":101,"onDemandBase":-1}}}""",
        "scaling.autoscale.targets,scaling.spot.percent,scaling.spot.onDemandBase")]
    [InlineData("applications/ok/scopes/test-web",
        """{"scaling":{"autoscale":{"targets":[{"metric":"a b","perReplica":0},null],"steps":[{"metric":"q","replicas":0}],"warmUpSeconds":-1}}}""",
        "scaling.autoscale.warmUpSeconds,scaling.autoscale.targets[0].metric,scaling.autoscale.targets[0].perReplica,scaling.autoscale.targets[1].metric,"
        + "scaling.autoscale.targets[1].perReplica,scaling.autoscale.steps[0].from,scaling.autoscale.steps[0].replicas")]
    [InlineData("applications/ok/scopes/test-web", """{"compute":"serverless","scaling":{"autoscale":{"targets":[{"metric":"cpu","perReplica":60}]}}}""",
        "scaling.autoscale")]
    [InlineData("applications/ok/versions/1.0", """{}""", "version,artifact.path")]
    [InlineData("applications/ok/versions/1.0.0", """{"artifact":{"path":"relative","command":"../hello"}}""", "artifact.path,artifact.command")]
    [InlineData("applications/ok/versions/1.0.0", """{"artifact":{"path":"/x","command":"/hello","arguments":[null]}}""",
        "artifact.command,artifact.arguments[0]")]
    [InlineData("applications/ok/versions/1.0.0", """{"artifact":{"path":"/x","command":"a/../b"}}""", "artifact.command")]
    public async Task Every_bad_field_is_named(string path, string body, string fields)
    {
        using var answer = await catalog.Client.PutAsync(path, new StringContent(body, Encoding.UTF8, "application/json"));

        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.BadRequest, text);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        var errors = (await CatalogFixture.Json(answer)).GetProperty("errors").EnumerateArray().ToList();
        Assert.Equal(fields.Split(','), errors.Select(error => error.GetProperty("field").GetString()));
        Assert.All(errors, error => Assert.NotEqual("", error.GetProperty("expected").GetString()));
    }

    [Fact]
    public async Task Nothing_was_written_by_what_was_refused()
    {
        using var _ = await catalog.Put("applications/Bad", new { team = "core" });
        using var __ = await catalog.Put("applications/nothing", new { team = "" });

        using var read = await catalog.Client.GetAsync("applications/nothing");

        Assert.Equal(HttpStatusCode.NotFound, read.StatusCode);
    }

    [Fact]
    public async Task A_name_of_a_megabyte_gets_a_short_answer()
    {
        var megabyte = new string('a', 1 << 20);
        foreach (var body in new object[]
        {
            new { team = megabyte },
            new { team = "core", criticality = megabyte },
            new Dictionary<string, string> { [megabyte] = "1" },
        })
        {
            await IsShort("applications/ok", body, HttpStatusCode.RequestEntityTooLarge);
        }

        await IsShort("applications/ok/scopes/test-web", new { environment = new Dictionary<string, string> { [megabyte] = megabyte } });
        await IsShort("applications/ok/versions/1.0.0", new { artifact = new { path = "/" + megabyte, command = megabyte, arguments = new[] { megabyte } } });
    }

    [Fact]
    public async Task Limits_of_the_environment_hold_and_values_stay_out_of_the_answer()
    {
        using var _ = await catalog.Put("applications/env-shop", new { team = "core" });
        var hundred = Enumerable.Range(0, 100).ToDictionary(index => $"K{index}", _ => "v");
        using var most = await catalog.Put("applications/env-shop/scopes/most-web", new { environment = hundred });
        Assert.Equal(HttpStatusCode.Created, most.StatusCode);
        hundred["ONE_MORE"] = "v";
        await IsShort("applications/env-shop/scopes/more-web", new { environment = hundred });

        using var longest = await catalog.Put("applications/env-shop/scopes/long-web", new { environment = new { A = new string('s', 4096) } });
        Assert.Equal(HttpStatusCode.Created, longest.StatusCode);
        using var longer = await catalog.Put("applications/env-shop/scopes/longer-web", new { environment = new { A = new string('s', 4097) } });
        Assert.Equal(HttpStatusCode.BadRequest, longer.StatusCode);
        Assert.DoesNotContain("sss", await longer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private async Task IsShort(string path, object body, HttpStatusCode status = HttpStatusCode.BadRequest)
    {
        using var answer = await catalog.Put(path, body);
        Assert.Equal(status, answer.StatusCode);
        Assert.InRange((await answer.Content.ReadAsStringAsync()).Length, 1, 4000);
    }
}
