using System.Net;
using System.Text;
using Fury.Access.Oidc;
using Fury.Kernel;

namespace Fury.Access.Tests.Oidc;

/// <summary>The provider's keys as they come and go.</summary>
public sealed class ProviderTests : IDisposable
{
    private const string Issuer = "https://login.example.com";
    private static readonly OidcSettings Settings = new(Issuer, "fury", null, "fury", ["fury"], "sub", "groups", "openid");

    private static readonly Signer Old = Signer.First;
    private static readonly Signer New = Signer.Second;
    private readonly SteeredClock _clock = new();
    private readonly Answers _answers = new();
    private readonly Provider _provider;
    private readonly OidcCallers _callers;

    public ProviderTests()
    {
        _answers.Document = $$"""
            {"issuer":"{{Issuer}}","authorization_endpoint":"{{Issuer}}/auth","token_endpoint":"{{Issuer}}/token","jwks_uri":"{{Issuer}}/keys"}
            """;
        _answers.Keys = $$"""{"keys":[{{Old.KeyJson("old")}}]}""";
        _provider = new(Settings, new HttpClient(_answers) { MaxResponseContentBufferSize = Provider.AnswerBytesMax }, _clock);
        _callers = new(Settings, _provider, _clock);
    }

    public void Dispose()
    {
        _provider.Dispose();
        _answers.Dispose();
    }

    [Fact]
    public async Task ANew_key_is_fetched_when_a_token_names_it_and_anOld_one_is_not_believed_for_long()
    {
        Assert.Equal("ann", (await _callers.Identify(Token(Old, "old"), null, default)).Value.Name);
        _answers.Keys = $$"""{"keys":[{{New.KeyJson("new")}}]}""";
        _clock.Advance(TimeSpan.FromSeconds(11));

        Assert.True((await _callers.Identify(Token(Old, "old"), null, default)).IsOk);
        Assert.True((await _callers.Identify(Token(New, "new"), null, default)).IsOk);
        Assert.False((await _callers.Identify(Token(Old, "old"), null, default)).IsOk);
    }

    [Fact]
    public async Task Tokens_that_name_unknown_keys_do_not_make_the_host_ask_and_ask()
    {
        for (var number = 0; number < 50; number++)
        {
            Assert.Equal(FaultKind.Unauthenticated, (await _callers.Identify(Token(New, $"k{number}"), null, default)).Fault?.Kind);
        }

        Assert.Equal(1, _answers.KeysAsked);
    }

    [Fact]
    public async Task A_token_that_would_be_refused_anyway_asks_nobody()
    {
        Assert.False((await _callers.Identify(Old.Token(new { iss = "https://evil.example.com", aud = "fury", sub = "ann", exp = 9e9 }), null, default)).IsOk);
        Assert.False((await _callers.Identify("fw1.shop.web.secret", null, default)).IsOk);
        Assert.Equal(0, _answers.Asked);
    }

    [Fact]
    public async Task While_the_provider_is_away_known_keys_hold_and_nobodyNew_gets_in()
    {
        Assert.True((await _callers.Identify(Token(Old, "old"), null, default)).IsOk);
        _answers.Status = HttpStatusCode.InternalServerError;
        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.True((await _callers.Identify(Token(Old, "old"), null, default)).IsOk);

        _clock.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(FaultKind.Unavailable, (await _callers.Identify(Token(Old, "old"), null, default)).Fault?.Kind);
    }

    [Fact]
    public async Task Whoever_hangs_up_while_the_keys_are_fetched_keeps_nobody_else_out()
    {
        _answers.Hold = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using var impatient = new CancellationTokenSource();
        var first = _callers.Identify(Token(New, "new"), null, impatient.Token);
        var second = _callers.Identify(Token(Old, "old"), null, default);
        await impatient.CancelAsync();
        _answers.Hold.SetResult();

        Assert.True((await second).IsOk);
        await Task.WhenAny(first);
        Assert.Equal(1, _answers.KeysAsked);
    }

    [Fact]
    public async Task A_provider_that_does_not_answer_is_not_asked_for_each_who_would_log_in()
    {
        _answers.Status = HttpStatusCode.InternalServerError;
        for (var number = 0; number < 50; number++)
        {
            Assert.Equal(FaultKind.Unavailable, (await _provider.Document(default)).Fault?.Kind);
        }

        Assert.Equal(1, _answers.Asked);
        _answers.Status = HttpStatusCode.OK;
        _clock.Advance(TimeSpan.FromSeconds(11));
        Assert.True((await _provider.Document(default)).IsOk);
    }

    [Theory]
    [InlineData("""{"issuer":"https://evil.example.com"}""")]
    [InlineData("""{"issuer":"https://login.example.com","authorization_endpoint":"http://login.example.com/a","token_endpoint":"x","jwks_uri":"y"}""")]
    [InlineData("[]")]
    [InlineData("no json")]
    public async Task A_provider_that_says_nonsense_of_itself_is_not_used(string document)
    {
        _answers.Document = document;
        Assert.Equal(FaultKind.Unavailable, (await _callers.Identify(Token(Old, "old"), null, default)).Fault?.Kind);
    }

    [Fact]
    public async Task An_answer_that_never_ends_is_cut_off()
    {
        _answers.Keys = new string(' ', Provider.AnswerBytesMax + 1);
        Assert.Equal(FaultKind.Unavailable, (await _callers.Identify(Token(Old, "old"), null, default)).Fault?.Kind);
    }

    [Fact]
    public async Task Groups_come_along_and_an_address_must_be_a_verified_one()
    {
        var claims = new { iss = Issuer, aud = "fury", sub = "1", exp = Later, groups = new object[] { "payments", 7, "chess" }, email = "ann@example.com" };
        Assert.Equal(["payments", "chess"], (await _callers.Identify(Old.Token(claims, "old"), null, default)).Value.Groups);

        var byMail = new OidcCallers(Settings with { NameClaim = "email" }, _provider, _clock);
        Assert.Equal("The token has no verified email.", (await byMail.Identify(Old.Token(claims, "old"), null, default)).Fault?.Message);
        var verified = new { claims.iss, claims.aud, claims.sub, claims.exp, claims.email, email_verified = true };
        Assert.Equal("ann@example.com", (await byMail.Identify(Old.Token(verified, "old"), null, default)).Value.Name);
    }

    private long Later => _clock.GetUtcNow().ToUnixTimeSeconds() + 3600;

    private string Token(Signer signer, string kid) => signer.Token(new { iss = Issuer, aud = "fury", sub = "ann", exp = Later }, kid);

    private sealed class Answers : HttpMessageHandler
    {
        public string Document { get; set; } = "";

        public string Keys { get; set; } = "";

        public HttpStatusCode Status { get; set; } = HttpStatusCode.OK;

        /// <summary>Until it is done, nothing is answered.</summary>
        public TaskCompletionSource? Hold { get; set; }

        public int Asked { get; private set; }

        public int KeysAsked { get; private set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Asked++;
            var isKeys = request.RequestUri!.AbsolutePath == "/keys";
            KeysAsked += isKeys ? 1 : 0;
            await (Hold?.Task ?? Task.CompletedTask).WaitAsync(cancellationToken);
            return new HttpResponseMessage(Status) { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(isKeys ? Keys : Document)) };
        }
    }
}
