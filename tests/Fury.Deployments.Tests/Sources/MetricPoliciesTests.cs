using System.Net;
using Fury.Deployments.Contracts;
using Fury.Deployments.Judging;
using Fury.Kernel;

namespace Fury.Deployments.Tests.Sources;

/// <summary>The metrics of a deployment's policy over real HTTP: read with their defaults, or refused with what would be right.</summary>
public sealed class MetricPoliciesTests(House house) : IClassFixture<House>
{
    private const string Good = """{"name":"payments","source":"shop","bad":"failed{fury_pool=~\"$pools\"}","all":"all{fury_pool=~\"$pools\"}"}""";

    [Fact]
    public async Task What_is_not_given_has_its_default_and_the_judge_goes_by_it()
    {
        var answer = await Ask($$"""
            {"metrics":[{{Good}},{"name":"queue","source":"shop","kind":"value","value":"queue{fury_pool=~\"$pools\"}","worse":"decrease","tolerance":0.5,
            "weight":2,"critical":true,"shadow":true,"mustHaveData":false,"spacingSeconds":90}],"toleratedRatio":3,"maxP99Ms":800,"extraLatencyMs":20}
            """);
        Assert.True(answer.Status == HttpStatusCode.Created, answer.Text);
        var policy = JudgePolicies.Of(answer.Read<Deployment>().Policy);

        Assert.Equal(
            [
                new("payments", MetricKind.Ratio),
                new("queue", MetricKind.Value, Direction.Decrease, 0.5, 2, Critical: true, Shadow: true, MustHaveData: false, SpacingSeconds: 90),
            ],
            policy.Metrics);
        Assert.Equal((3, 5, 800.0, 20), (policy.ToleratedRatio, policy.AcceptableRatio, policy.MaxP99Ms, policy.ExtraLatencyMs));
        var validation = new Validation();
        policy.Check(validation);
        Assert.Null(validation.Fault);
    }

    [Theory]
    [InlineData("\"name\":\"payments\"", "\"name\":\"errors\"", "metrics[0].name must be 1 to 60 of a-z")]
    [InlineData("\"name\":\"payments\"", "\"name\":\"Payments!\"", "metrics[0].name must be 1 to 60 of a-z")]
    [InlineData("\"source\":\"shop\"", "\"source\":\"prom\"", "metrics[0].source must be one of shop.")]
    [InlineData("\"source\":\"shop\"", "\"source\":\"shop\",\"kind\":\"gauge\"", "metrics[0].kind must be one of ratio, value.")]
    [InlineData("\"source\":\"shop\"", "\"source\":\"shop\",\"worse\":\"up\"", "metrics[0].worse must be one of increase, decrease.")]
    [InlineData("\"source\":\"shop\"", "\"source\":\"shop\",\"tolerance\":0", "metrics[0].tolerance must be above 0, below 100.")]
    [InlineData("\"source\":\"shop\"", "\"source\":\"shop\",\"weight\":-1", "metrics[0].weight must be above 0, below 1000.")]
    [InlineData("\"source\":\"shop\"", "\"source\":\"shop\",\"spacingSeconds\":9999", "metrics[0].spacingSeconds must be 0 to 3600.")]
    [InlineData("\"source\":\"shop\"", "\"source\":\"shop\",\"value\":\"$pools\"", "metrics[0].value must be left out: it is none of a ratio's.")]
    [InlineData("\"bad\":\"failed{fury_pool=~\\\"$pools\\\"}\",", "", "that asks for $pools, such as payments_failed_total{")]
    [InlineData("all{fury_pool=~\\\"$pools\\\"}", "all", "metrics[0].all must be a query of at most 2000 characters that asks for $pools")]
    [InlineData("all{fury_pool=~\\\"$pools\\\"}", "rate(all{fury_pool=~\\\"$pools\\\"}[1m])", "metrics[0].all must be a counter, without rate() or the like")]
    public async Task A_field_that_is_wrong_is_named_with_what_would_be_right(string right, string wrong, string sentence)
    {
        var answer = await Ask($$"""{"metrics":[{{Good.Replace(right, wrong, StringComparison.Ordinal)}}]}""");

        Api.AssertRefused(answer, HttpStatusCode.BadRequest);
        Assert.Contains(sentence, answer.Read<Problem>().Title, StringComparison.Ordinal);
        Assert.Single(answer.Read<Problem>().Errors);
    }

    [Fact]
    public async Task A_key_that_is_not_known_is_refused_and_so_are_two_metrics_of_one_name_and_too_many()
    {
        Api.AssertRefused(await Ask($$"""{"metrics":[{{Good[..^1]}},"threshold":5}]}"""), HttpStatusCode.BadRequest, "threshold");
        Api.AssertRefused(await Ask($$"""{"metrics":[{{Good}},{{Good}}]}"""), HttpStatusCode.BadRequest, "policy.metrics[1].name");
        Api.AssertRefused(await Ask("""{"metrics":[null]}"""), HttpStatusCode.BadRequest, "policy.metrics[0].name", "policy.metrics[0].source");
        var many = string.Join(',', Enumerable.Repeat(Good, 21));
        Api.AssertRefused(await Ask($$"""{"metrics":[{{many}}]}"""), HttpStatusCode.BadRequest, "policy.metrics must be at most 20.");
        Api.AssertRefused(await Ask("""{"toleratedRatio":0.5,"maxP99Ms":0,"extraLatencyMs":-1}"""), HttpStatusCode.BadRequest,
            "policy.toleratedRatio must be 1 to 10.", "policy.maxP99Ms must be 1 to 600000.", "policy.extraLatencyMs must be 0 to 600000.");
    }

    private async Task<Answer> Ask(string policy)
    {
        await using var api = await Api.Start(house.Services);
        var scope = house.NewScope();
        return await api.Post(
            $"applications/{scope.Application}/scopes/{scope.Scope}/deployments", $$"""{"version":"1.0.0","strategy":"canary","policy":{{policy}}}""");
    }

    private sealed record Problem(string Title, IReadOnlyList<FieldFault> Errors);
}
