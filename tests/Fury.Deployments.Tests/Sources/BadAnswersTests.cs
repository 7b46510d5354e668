using System.Net;
using System.Text;
using Fury.Deployments.Sources;
using Fury.Kernel;
using Fury.LittleMonster.Testing;
using Fury.Testing;

namespace Fury.Deployments.Tests.Sources;

/// <summary>Whatever a stranger answers, it comes to one sentence that names the source and what would be right.</summary>
public sealed class BadAnswersTests
{
    private const string NoJson = "so its Url is not that of the API, https://metrics.example.com/";
    private const string VectorOf = """{"status":"success","data":{"resultType":"vector","result":[""";
    private const string Secret = "s3cret-t0ken";

    private static readonly PoolId Pool = PoolId.New(TimeProvider.System);

    [Theory]
    [InlineData(200, "text/html", "<html>Sign in</html>", "Source one is dark: it answers with text/html and not with JSON, " + NoJson)]
    [InlineData(200, "application/json", "[1]", "Source one is dark: it answers with application/json and not with JSON")]
    [InlineData(200, "application/json", """{"status":"success","data":{"resultType":"vector","resu""", "Source one is dark: ")]
    [InlineData(200, "application/json", "{}", NoJson)]
    [InlineData(302, "text/html", "", "Source one is dark: it answers 302 to /api/")]
    [InlineData(404, "text/plain", "404 page not found", "Source one is dark: it answers 404 to /api/")]
    [InlineData(401, "text/plain", "", "Source one is dark: it refuses what one:")]
    [InlineData(429, "text/plain", "", "Source one is dark: it answers 429.")]
    [InlineData(500, "text/html", "<html>oops</html>", "Source one is dark: it answers 500.")]
    [InlineData(503, "application/json", """{"status":"error","errorType":"timeout","error":"query timed out"}""", "Source one is dark: it answers 503.")]
    public async Task A_source_that_does_not_work_is_dark(int status, string type, string body, string sentence)
    {
        foreach (var read in new[] { Prometheus(status, type, body), Datadog(status, type, body) })
        {
            var fault = (await read).Fault!;
            Assert.Equal(FaultKind.Unavailable, fault.Kind);
            Assert.Contains(sentence, fault.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("""{"status":"success","data":{"resultType":"scalar","result":[1,"5"]}}""", "answers with a scalar: right would be a vector")]
    [InlineData("""{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1,"5"]}]}}""", "lack the label fury_pool")]
    [InlineData("""{"status":"success","data":{"resultType":"vector","result":[{"metric":{"fury_pool":"blue"},"value":[1,"5"]}]}}""", "fury_pool=\"blue\"")]
    [InlineData("""{"status":"success","data":{"resultType":"vector","result":[{"metric":{"fury_pool":"x"},"histogram":[1,{}]}]}}""", "histograms")]
    [InlineData("""{"status":"success","data":{"resultType":"vector","result":[{"metric":{"fury_pool":"x"},"value":[1,"many"]}]}}""", "no number")]
    public async Task A_query_that_answers_with_something_else_is_wrong(string body, string sentence)
    {
        var fault = (await Prometheus(200, "application/json", body)).Fault!;

        Assert.Equal(FaultKind.Invalid, fault.Kind);
        Assert.StartsWith("Source one answers with ", fault.Message, StringComparison.Ordinal);
        Assert.Contains(sentence, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_without_end_is_not_read_to_its_end()
    {
        var fault = (await Prometheus(200, "application/json", new string(' ', 9 * 1024 * 1024))).Fault!;

        Assert.Equal((FaultKind.Invalid, "Source one answers with more than 8 MiB: right would be fewer series for each pool."), (fault.Kind, fault.Message));
    }

    [Fact]
    public async Task Too_many_series_of_a_pool_are_refused()
    {
        var series = Enumerable.Range(0, 501).Select(index => $$"""{"metric":{"fury_pool":"{{Pool}}","replica":"{{index}}"},"value":[1,"5"]}""");
        var body = $"{VectorOf}{string.Join(',', series)}]}}}}";

        Assert.Contains("more than 500 series for a pool: right would be a query that sums them by fury_pool",
            (await Prometheus(200, "application/json", body)).Fault!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_source_that_does_not_answer_is_dark_when_its_time_is_over()
    {
        var clock = new TestClock();
        using var http = new SourceHttp(OptionsOf(SourceKind.Prometheus), new Silent(), clock);
        using var source = new Prometheus(OptionsOf(SourceKind.Prometheus), http);
        var read = source.Read("up", [Pool], clock.GetUtcNow(), default);
        await Eventually.True(() => clock.TimersWaiting > 0);
        clock.Advance(SourceHttp.Timeout);

        Assert.Equal("Source one is dark: it does not answer within 10 s.", (await read).Fault!.Message);
    }

    [Fact]
    public async Task Nobody_who_listens_is_dark()
    {
        var options = OptionsOf(SourceKind.Prometheus) with { Url = new("http://127.0.0.1:1") };
        using var source = new Prometheus(options, new(options, TimeProvider.System));
        var fault = (await source.Read("up", [Pool], DateTimeOffset.UnixEpoch, default)).Fault!;

        Assert.Equal(FaultKind.Unavailable, fault.Kind);
        Assert.Contains("Source one is dark: Connection refused", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(500)]
    public async Task What_a_source_was_told_in_confidence_is_not_repeated_though_it_does(int status)
    {
        var body = $$"""{"status":"error","error":"bad token {{Secret}}","errors":["bad key {{Secret}}"]}""";
        foreach (var read in new[] { Prometheus(status, "application/json", body), Datadog(status, "application/json", body) })
        {
            Assert.DoesNotContain(Secret, $"{(await read).Fault!} {(await read).Fault!.Detail}", StringComparison.Ordinal);
        }
    }

    private static async Task<Outcome<IReadOnlyList<Point>>> Prometheus(int status, string type, string body)
    {
        using var source = new Prometheus(OptionsOf(SourceKind.Prometheus), HttpOf(SourceKind.Prometheus, status, type, body));
        return await source.Read("up", [Pool], DateTimeOffset.UnixEpoch, default);
    }

    private static async Task<Outcome<IReadOnlyList<Point>>> Datadog(int status, string type, string body)
    {
        using var source = new Datadog(OptionsOf(SourceKind.Datadog), HttpOf(SourceKind.Datadog, status, type, body));
        return await source.Read("up", [Pool], DateTimeOffset.UnixEpoch.AddDays(1), default);
    }

    private static SourceHttp HttpOf(SourceKind kind, int status, string type, string body) =>
        new(OptionsOf(kind), new Stranger(() => new((HttpStatusCode)status) { Content = new StringContent(body, Encoding.UTF8, type) }), TimeProvider.System);

    private static SourceOptions OptionsOf(SourceKind kind) => new("one", kind, new("https://metrics.example.com"))
    {
        Token = new("one:Token", Secret, null),
        ApiKey = new("one:ApiKey", Secret, null),
        ApplicationKey = new("one:ApplicationKey", Secret, null),
    };

    private sealed class Stranger(Func<HttpResponseMessage> answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => Task.FromResult(answer());
    }

    private sealed class Silent : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
            throw new InvalidOperationException("It never answers.");
        }
    }
}
