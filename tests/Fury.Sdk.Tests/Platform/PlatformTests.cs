using System.Net;
using Fury.Sdk.Platform;
using Microsoft.Extensions.DependencyInjection;

namespace Fury.Sdk.Tests.Platform;

/// <summary>The client of the platform's own API, against answers that a test makes. A journey runs it against the real host.</summary>
public sealed class PlatformTests : IDisposable
{
    private const string Id = "01932c8e-7a54-7d5c-b5d1-1f2c3a4b5c6d";

    private const string Events = "text/event-stream";

    private const string Started =
        $$"""{"id":"{{Id}}","scope":{"application":"hello","scope":"production-web"},"strategy":"all-in","phase":"admitted","version":"1.0.0","news":7}""";

    private static readonly ScopeRef Web = new("hello", "production-web");
    private readonly FakePlatform _fury = new();

    public void Dispose() => _fury.Dispose();

    [Fact]
    public async Task A_call_whose_answer_was_lost_is_repeated_under_the_same_key()
    {
        var client = _fury.Breaks().Refuses(HttpStatusCode.ServiceUnavailable, """{"kind":"unavailable","title":"No database."}""")
            .Answers(HttpStatusCode.OK, Started).Client();

        var deployment = await client.StartDeploymentAsync(Web, new DeploymentWish("1.0.0", "all-in"));

        Assert.Equal((Guid.Parse(Id), "admitted", Web, false), (deployment.Id, deployment.Phase, deployment.Scope, deployment.IsEnded));
        Assert.Empty(deployment.Steps);
        Assert.Equal(3, _fury.Asked.Count);
        Assert.Single(_fury.Asked.Select(each => each.Header("Idempotency-Key")).Distinct());
        Assert.All(_fury.Asked, each => Assert.Equal($"Bearer {FakePlatform.Token}", each.Header("Authorization")));
        Assert.All(_fury.Asked, each => Assert.Equal("POST /base/api/v1/applications/hello/scopes/production-web/deployments", $"{each.Method} {each.Path}"));
        Assert.Equal("""{"version":"1.0.0","strategy":"all-in"}""", _fury.Asked.First().Body);
    }

    [Fact]
    public async Task An_answer_that_stays_lost_says_that_the_write_may_have_happened()
    {
        var failure = await Assert.ThrowsAsync<FuryException>(
            () => _fury.Client().StartDeploymentAsync(Web, new DeploymentWish("1.0.0", "all-in"), "ship/1"));

        Assert.Equal((FuryErrorCode.Unavailable, true, true), (failure.Code, failure.OutcomeUnknown, failure.IsTransient));
        Assert.Equal(3, _fury.Asked.Count);
        Assert.All(_fury.Asked, each => Assert.Equal("ship/1", each.Header("Idempotency-Key")));
        Assert.DoesNotContain(FakePlatform.Token, $"{failure}", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(400, "invalid", FuryErrorCode.InvalidArgument)]
    [InlineData(401, "unauthenticated", FuryErrorCode.Unauthenticated)]
    [InlineData(403, "forbidden", FuryErrorCode.PermissionDenied)]
    [InlineData(404, "not-found", FuryErrorCode.NotFound)]
    [InlineData(409, "conflict", FuryErrorCode.PreconditionFailed)]
    [InlineData(412, "stale", FuryErrorCode.AlreadyExists)]
    [InlineData(413, "invalid", FuryErrorCode.PayloadTooLarge)]
    [InlineData(507, "exhausted", FuryErrorCode.QuotaExceeded)]
    public async Task A_refusal_is_told_in_our_words_and_is_not_repeated(int status, string kind, FuryErrorCode code)
    {
        var problem = $$"""{"type":"t","title":"So it is.","status":1,"kind":"{{kind}}","deploymentId":"{{Id}}"}""";
        var client = _fury.Refuses((HttpStatusCode)status, problem).Client();

        var failure = await Assert.ThrowsAsync<FuryException>(() => client.PutApplicationAsync("hello", new ApplicationSettings { Team = "core" }));

        Assert.Equal((code, kind, false, false), (failure.Code, failure.ProviderCode, failure.OutcomeUnknown, failure.IsTransient));
        Assert.Equal(["deploymentId"], failure.Facts.Keys);
        Assert.Contains("So it is.", failure.Message, StringComparison.Ordinal);
        Assert.Equal(("platform", "put"), (failure.Call!.Service, failure.Call.Operation));
        Assert.Single(_fury.Asked);
    }

    [Fact]
    public async Task Every_bad_field_is_named_with_its_value_and_what_would_be_right()
    {
        var client = _fury.Refuses(HttpStatusCode.BadRequest, """
            {"title":"Bad.","kind":"invalid","errors":[{"field":"minReplicas","value":"0","expected":"1 to 1000"},{"field":"team","expected":"a name"}]}
            """).Client();

        var failure = await Assert.ThrowsAsync<FuryException>(() => client.PutScopeAsync(Web, new ScopeSettings { MinReplicas = 0 }));

        Assert.EndsWith("minReplicas is '0'; right is 1 to 1000. team is (null); right is a name.", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_platform_does_not_have_is_null_and_what_stands_between_is_not_believed()
    {
        var client = _fury.Refuses(HttpStatusCode.NotFound, """{"title":"There is no application 'hello'.","kind":"not-found"}""")
            .Answers(HttpStatusCode.NotFound, "<html>nginx</html>", "text/html").Answers(HttpStatusCode.OK, "<html>hello</html>", "text/html").Client();

        Assert.Null(await client.GetApplicationAsync("hello"));
        var between = await Assert.ThrowsAsync<FuryException>(() => client.GetApplicationAsync("hello"));
        var page = await Assert.ThrowsAsync<FuryException>(() => client.GetApplicationAsync("hello"));

        Assert.Equal((FuryErrorCode.NotFound, FuryErrorCode.Unknown), (between.Code, page.Code));
        Assert.False(page.OutcomeUnknown);
    }

    [Fact]
    public async Task What_was_read_is_changed_and_put_with_its_revision()
    {
        const string scope = """
            {"ref":{"application":"hello","scope":"production-web"},"compute":"standard","size":{"cpuMillis":250,"memoryMiB":256},"minReplicas":1,
             "maxReplicas":2,"environment":{"A":"1"},"healthPath":"/health","revision":3,"createdAt":"2026-11-28T10:00:00Z",
             "scaling":{"schedules":[{"cron":"0 8 * * *","timeZone":"UTC","minReplicas":2}],"spot":{"percent":50,"onDemandBase":1}}}
            """;
        var client = _fury.Answers(HttpStatusCode.OK, scope).Answers(HttpStatusCode.OK, scope).Client();

        var read = (await client.GetScopeAsync(Web))!;
        await client.PutScopeAsync(Web, read with { MaxReplicas = 8 }, read.ETag);

        var put = _fury.Asked.Last();
        Assert.Equal("\"3\"", put.Header("If-Match"));
        Assert.Equal("""
            {"compute":"standard","size":{"cpuMillis":250,"memoryMiB":256},"minReplicas":1,"maxReplicas":8,"environment":{"A":"1"},"healthPath":"/health",
            "scaling":{"schedules":[{"cron":"0 8 * * *","timeZone":"UTC","minReplicas":2}],"spot":{"percent":50,"onDemandBase":1}}}
            """.ReplaceLineEndings(""), put.Body);
    }

    [Fact]
    public async Task A_list_is_read_page_by_page_and_goes_on_from_a_token()
    {
        const string one = """{"items":[{"name":"a","team":"t","revision":1}],"next":"a"}""";
        const string two = """{"items":[{"name":"b+","team":"t","revision":1}]}""";
        foreach (var page in new[] { one, two, one, two })
        {
            _fury.Answers(HttpStatusCode.OK, page);
        }

        var client = _fury.Client();

        List<string> names = [];
        await foreach (var application in client.ListApplications())
        {
            names.Add(application.Name);
        }

        string? token = null;
        await foreach (var page in client.ListApplications().AsPages(pageSize: 1))
        {
            token = page.ContinuationToken;
            break;
        }

        await foreach (var page in client.ListApplications().AsPages(token))
        {
            Assert.Equal("b+", Assert.Single(page.Items).Name);
        }

        Assert.Equal(["a", "b+"], names);
        string[] asked = ["?limit=500", "?limit=500&after=a", "?limit=1", "?limit=500&after=a"];
        Assert.Equal(asked.Select(query => "/base/api/v1/applications" + query), _fury.Asked.Select(each => each.Path));
    }

    [Fact]
    public async Task A_stream_that_breaks_is_taken_up_where_it_broke()
    {
        var client = _fury.Answers(HttpStatusCode.OK, ": fury\n\n" + Event(4, "judging") + Event(5, "judging"), Events)
            .Breaks().Breaks().Breaks() // One whole call.
            .Answers(HttpStatusCode.OK, Event(5, "judging") + Event(6, "done") + Event(7, "never"), Events).Client();

        List<(long, string)> seen = [];
        await foreach (var news in client.WatchAsync(Guid.Parse(Id), after: 3))
        {
            seen.Add((news.Number, news.Phase));
            Assert.Empty(news.Data);
        }

        Assert.Equal([(4, "judging"), (5, "judging"), (6, "done")], seen);
        Assert.Equal(["3", "5", "5", "5", "5"], _fury.Asked.Select(each => each.Header("Last-Event-ID")));
    }

    [Fact]
    public async Task The_watch_of_what_had_ended_before_ends_and_tells_what_came_meanwhile()
    {
        const string silence = ": fury\n\n";
        var done = Started.Replace("admitted", "done", StringComparison.Ordinal);
        var client = _fury.Answers(HttpStatusCode.OK, silence, Events).Answers(HttpStatusCode.OK, done).Answers(HttpStatusCode.OK, silence, Events)
            .Answers(HttpStatusCode.OK, silence, Events).Answers(HttpStatusCode.OK, done).Answers(HttpStatusCode.OK, Event(6, "done"), Events)
            .Client(options => options.Patience = TimeSpan.FromSeconds(1));

        List<long> seen = [];
        for (var after = 6; after >= 5; after--)
        {
            await foreach (var news in client.WatchAsync(Guid.Parse(Id), after))
            {
                seen.Add(news.Number);
            }
        }

        Assert.Equal([6], seen);
        Assert.Equal(6, _fury.Asked.Count);
    }

    [Fact]
    public async Task Connections_that_break_before_they_have_told_anything_are_no_sign_of_life()
    {
        const int most = 40;
        for (var each = 0; each < most; each++)
        {
            _fury.BreaksWhileItTells();
        }

        var gone = await Assert.ThrowsAsync<FuryException>(
            () => _fury.Client(options => options.Patience = TimeSpan.FromSeconds(1)).WaitForEndAsync(Guid.Parse(Id)));

        Assert.Equal(FuryErrorCode.Unavailable, gone.Code);
        Assert.InRange(_fury.Asked.Count, 1, most - 1);
    }

    [Fact]
    public async Task A_platform_that_stays_away_and_a_deployment_that_is_none_end_the_watch()
    {
        var gone = await Assert.ThrowsAsync<FuryException>(
            () => _fury.Client(options => options.Patience = TimeSpan.FromSeconds(1)).WaitForEndAsync(Guid.Parse(Id)));
        _fury.Refuses(HttpStatusCode.NotFound, """{"kind":"not-found","title":"None."}""");
        var none = await Assert.ThrowsAsync<FuryException>(() => _fury.Client().WaitForEndAsync(Guid.Parse(Id)));

        Assert.Equal((FuryErrorCode.Unavailable, FuryErrorCode.NotFound), (gone.Code, none.Code));
    }

    [Fact]
    public async Task What_cannot_be_right_is_refused_before_anything_is_asked()
    {
        var client = _fury.Client();
        Func<Task>[] calls =
        [
            () => client.GetApplicationAsync(".."),
            () => client.GetApplicationAsync("a/b"),
            () => client.GetApplicationAsync(""),
            () => client.GetScopeAsync(new ScopeRef("hello", "x?y")),
            () => client.GetVersionAsync("hello", "../1"),
            () => client.PutApplicationAsync("hello", null!),
            () => client.StartDeploymentAsync(Web, new DeploymentWish("1.0.0", "all-in"), "two\nlines"),
            () => client.CommandAsync(Guid.NewGuid(), (DeploymentCommand)99),
        ];

        foreach (var call in calls)
        {
            Assert.Equal(FuryErrorCode.InvalidArgument, (await Assert.ThrowsAsync<FuryException>(call)).Code);
        }

        Assert.Empty(_fury.Asked);
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("fury.example", null)]
    [InlineData("ftp://fury.example", null)]
    [InlineData("https://ana:canary-secret@fury.example", null)]
    [InlineData("ana:canary-secret@fury.example", null)]
    [InlineData("https://ana:canary-secret@fury.example?x=1", null)]
    [InlineData("https://fury.example", "canary-secret\n")]
    public async Task An_address_or_token_that_cannot_be_is_refused_and_no_secret_is_shown(string? address, string? token)
    {
        var services = new ServiceCollection().AddFuryPlatform(options =>
        {
            options.Variable = name => name == FuryPlatformOptions.AddressVariable ? address : name == FuryPlatformOptions.TokenVariable ? token : null;
            options.Handler = _fury;
        });
        await using var provider = services.BuildServiceProvider();

        var failure = await Assert.ThrowsAsync<FuryException>(() => provider.GetRequiredService<FuryPlatform>().GetApplicationAsync("hello"));

        Assert.Equal(FuryErrorCode.InvalidArgument, failure.Code);
        Assert.DoesNotContain("canary-secret", $"{failure}", StringComparison.Ordinal);
    }

    private static string Event(int number, string phase) =>
        $"id: {number}\ndata: "
        + $$"""{"deployment":"{{Id}}","number":{{number}},"at":"2026-11-28T10:00:00Z","phase":"{{phase}}","message":"m"}"""
        + "\n\n";
}
