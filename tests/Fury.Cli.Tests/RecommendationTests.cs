using Fury.Cli.CommandLine;

namespace Fury.Cli.Tests;

/// <summary>What is recommended, as people read it and take it.</summary>
public sealed class RecommendationTests
{
    private const string Id = "01932c8e-7a54-7d5c-b5d1-1f2c3a4b5c6d";

    private const string Held = $$"""
        {"id":"{{Id}}","scope":{"application":"hello","scope":"production-web"},"strategy":"canary","phase":"held","to":"9f2c51b07ad3e8c4","version":"1.1.0",
         "candidatePool":"{{Id}}","policy":{"provisionSeconds":1,"convergeSeconds":1,"judgeSeconds":1,"bakeSeconds":1,"drainSeconds":1,"maxErrorPercent":5,
         "minRequests":1,"maxRestarts":1},"reason":"Held: errors.","createdAt":"2026-01-01T00:00:00Z","revision":7,
         "lanes":[{"location":"local/here/a","share":100,"weight":5,"candidate":"{{Id}}","isBarred":true}],
         "recommendations":[{"kind":"more-capacity","sentence":"It is too small.","numbers":{"replicas":"2"} ,"action":"raise-floor"},
         {"kind":"more-memory","sentence":"Give it more.","numbers":{ } } ] }
        """;

    [Fact]
    public async Task A_deployment_is_shown_with_what_is_recommended_and_the_command_that_takes_it()
    {
        await using var api = await FakeApi.Start();
        api.Answers("GET", $"/api/v1/deployments/{Id}", Held);
        api.Answers("GET", "/api/v1/applications/hello/scopes/production-web/status", $$"""
            {"scope":{"application":"hello","scope":"production-web"},"address":"http://x/","routingVersion":1,"pools":[],"inProgress":{{Held}} }
            """);

        var shown = await InProcess.Run(api, "deployment", "show", Id);
        var status = await InProcess.Run(api, "status", "-a", "hello", "-s", "production-web");

        Assert.Contains("local/here/a  100 %  5 % (failed here)", shown.Out, StringComparison.Ordinal);
        foreach (var told in new[] { shown.Out, status.Out })
        {
            Assert.EndsWith(
                $"""

                RECOMMENDED (more-capacity): It is too small.
                  fury recommendation take {Id} more-capacity

                RECOMMENDED (more-memory): Give it more.

                """.ReplaceLineEndings("\n"),
                told,
                StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task One_command_takes_it_under_a_key()
    {
        await using var api = await FakeApi.Start();
        api.Answers("POST", $"/api/v1/deployments/{Id}/recommendations/more-capacity/take", Held);

        var taken = await InProcess.Run(api, "recommendation", "take", Id, "more-capacity", "--key", "k7");
        var unknown = await InProcess.Run(api, "recommendation", "take", Id, "more-luck");

        Assert.Equal((ExitCode.Ok, ExitCode.Usage), (taken.ExitCode, unknown.ExitCode));
        Assert.Contains("Held: errors.", taken.Out, StringComparison.Ordinal);
        Assert.Equal("k7", api.Requests.Single().Headers["Idempotency-Key"]);
        Assert.Contains("more-capacity", unknown.Error, StringComparison.Ordinal);
    }
}
