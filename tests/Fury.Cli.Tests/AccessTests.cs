using Fury.Cli.CommandLine;

namespace Fury.Cli.Tests;

/// <summary>Logging in and out, tokens, grants and the audit trail.</summary>
public sealed class AccessTests : IDisposable
{
    private const string Token = """
        {"token":{"id":"0193b000-0000-7000-8000-000000000009","name":"ci","role":"viewer","on":"organisation","createdBy":"ann",
         "createdAt":"2026-01-01T00:00:00Z","expiresAt":"2026-04-01T00:00:00Z"},"secret":"fury_secret"}
        """;

    private readonly string _file = Path.Combine(Path.GetTempPath(), $"fury-credentials-{Guid.NewGuid():n}.json");

    // No other test of this process is logged in anywhere, so the file is nobody else's business.
    public AccessTests() => Environment.SetEnvironmentVariable("FURY_CREDENTIALS", _file);

    public void Dispose()
    {
        Environment.SetEnvironmentVariable("FURY_CREDENTIALS", null);
        File.Delete(_file);
    }

    [Fact]
    public async Task A_person_logs_in_by_the_device_flow_and_out_again()
    {
        await using var api = await FakeApi.Start();
        var at = api.Address.AbsoluteUri.TrimEnd('/');
        var asked = 0;
        api.Answers("GET", "/auth/settings", $$"""{"issuer":"{{at}}","clientId":"fury-cli","scope":"openid"}""");
        api.Answers("GET", "/.well-known/openid-configuration", $$"""{"device_authorization_endpoint":"{{at}}/device","token_endpoint":"{{at}}/token"}""");
        api.Answers("POST", "/device", """
            {"device_code":"d1","user_code":"AB-CD","verification_uri":"https://x.example.com/d","expires_in":60,"interval":0.01}
            """);
        api.On("POST", "/token", context => ++asked < 3
            ? FakeApi.Write(context, 400, """{"error":"authorization_pending"}""")
            : FakeApi.Write(context, 200, """{"id_token":"e.y.J"}"""));
        api.Answers("POST", "/auth/session", """{"token":"furys_1","name":"ann","expiresAt":"2026-01-01T12:00:00Z"}""");
        api.Answers("GET", "/api/v1/me", """{"name":"ann","via":"user","permissions":["view","deploy"],"login":"/auth/login"}""");
        api.On("POST", "/auth/logout", context => FakeApi.Write(context, 204, ""));

        var login = await InProcess.Run(api, "login");
        var who = await InProcess.Run(api, "whoami");
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_file));
        }

        var logout = await InProcess.Run(api, "logout");
        var again = await InProcess.Run(api, "logout");

        Assert.Equal("Open https://x.example.com/d and confirm the code AB-CD.\n", login.Error);
        Assert.Equal($"Logged in to {api.Address} as ann until 2026-01-01 12:00:00Z.\n", login.Out);
        Assert.Contains("view, deploy", who.Out, StringComparison.Ordinal);
        Assert.Equal($"Logged out of {api.Address}.\n", logout.Out);
        Assert.Equal($"Nobody is logged in to {api.Address}.\n", again.Out);
        Assert.Equal("Bearer furys_1", api.Requests.Single(request => request.Path == "/api/v1/me").Headers["Authorization"]);
        Assert.Equal("Bearer furys_1", api.Requests.Single(request => request.Path == "/auth/logout").Headers["Authorization"]);
        Assert.DoesNotContain("furys_1", await File.ReadAllTextAsync(_file), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_others_can_read_is_not_used()
    {
        await using var api = await FakeApi.Start();
        await File.WriteAllTextAsync(_file, "{}");
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        File.SetUnixFileMode(_file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        var who = await InProcess.Run(api, "whoami");

        Assert.Equal(ExitCode.Usage, who.ExitCode);
        Assert.Contains("chmod 600", who.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_secret_of_a_new_token_alone_is_its_output()
    {
        await using var api = await FakeApi.Start();
        api.Answers("POST", "/api/v1/tokens", Token, 201);
        api.Answers("POST", "/api/v1/tokens/ci/rotate", Token);
        api.Answers("DELETE", "/api/v1/tokens/ci", "{}");

        var made = await InProcess.Run(api, "token", "create", "ci", "--role", "viewer", "--on", "team:payments", "--days", "30");
        var rotated = await InProcess.Run(api, "token", "rotate", "ci", "--keep-hours", "24");
        var revoked = await InProcess.Run(api, "token", "revoke", "ci");

        Assert.Equal("fury_secret\n", made.Out);
        Assert.StartsWith("Token ci is made: viewer on organisation until 2026-04-01", made.Error, StringComparison.Ordinal);
        Assert.Equal("fury_secret\n", rotated.Out);
        Assert.Equal("Token ci opens nothing any more.\n", revoked.Out);
        Assert.Equal("""{"name":"ci","role":"viewer","on":"team:payments","days":30}""", api.Requests.First().Body);
    }

    [Fact]
    public async Task A_broken_chain_is_a_failure()
    {
        await using var api = await FakeApi.Start();
        api.Answers("GET", "/api/v1/audit/verify", """{"rows":41,"brokenAt":42,"head":"ab"}""");
        var broken = await InProcess.Run(api, "audit", "verify");
        api.Answers("GET", "/api/v1/audit/verify", """{"rows":50,"head":"cd"}""");
        var whole = await InProcess.Run(api, "audit", "verify");

        Assert.Equal((ExitCode.Failed, "Broken at entry 42: it is missing, or not what was written.\n"), (broken.ExitCode, broken.Out));
        Assert.Equal((ExitCode.Ok, "50 entries, and none is missing or changed. The last one's hash is cd.\n"), (whole.ExitCode, whole.Out));
    }

    [Fact]
    public async Task The_trail_is_listed_by_whom_and_what()
    {
        await using var api = await FakeApi.Start();
        api.Answers("GET", "/api/v1/audit?caller=ann&application=shop&result=denied&limit=2", """
            {"items":[{"seq":7,"at":"2026-01-01T00:00:00Z","caller":"ann","via":"user","from":"::1","method":"PUT","route":"r","path":"/p",
            "permission":"config","result":"denied","status":403,"hash":"x"}],"next":"7"}
            """);

        var list = await InProcess.Run(api, "audit", "list", "--caller", "ann", "-a", "shop", "--denied", "--limit", "2");

        Assert.StartsWith("SEQ  AT  ", list.Out, StringComparison.Ordinal);
        Assert.Contains("7    2026-01-01 00:00:00Z  ann  user  ::1   PUT /p  config  denied 403", list.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/api/v1/tokens", "token", "create", "ci", "--role", "viewer")]
    [InlineData("/api/v1/tokens/ci/rotate", "token", "rotate", "ci")]
    public async Task A_secret_that_nobody_has_seen_is_not_asked_for_again_when_the_connection_breaks(string path, params string[] words)
    {
        await using var api = await FakeApi.Start();
        api.On("POST", path, context =>
        {
            context.Abort();
            return Task.CompletedTask;
        });

        Assert.Equal(ExitCode.Unreachable, (await InProcess.Run(api, words)).ExitCode);
        Assert.Single(api.Requests);
    }
}
