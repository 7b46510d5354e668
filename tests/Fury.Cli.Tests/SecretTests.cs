using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Fury.Catalog.Contracts;
using Fury.Cli.CommandLine;
using Fury.Kernel;

namespace Fury.Cli.Tests;

/// <summary>Secrets of a scope, as people give and name them.</summary>
public sealed class SecretTests : IDisposable
{
    private const string Canary = "canary-7731";
    private const string Place = "/api/v1/applications/shop/scopes/production-web/secrets";
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);
    private static readonly string[] Scope = ["-a", "shop", "-s", "production-web"];

    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Theory]
    [InlineData(Canary, Canary)]
    [InlineData(Canary + "\n", Canary)]
    [InlineData(Canary + "\r\n", Canary)]
    [InlineData(Canary + "\n\n", Canary + "\n")]
    [InlineData(" two\nlines, \"é\" \n", " two\nlines, \"é\" ")]
    public async Task A_value_is_what_a_file_holds_without_the_line_end_behind_it(string text, string value)
    {
        await using var api = await Given();
        await File.WriteAllTextAsync(_file, text);

        var set = await InProcess.Run(api, ["secret", "set", "DB_PASSWORD", "--from-file", _file, "--by", "ana", .. Scope]);

        Assert.Equal(
            "Secret DB_PASSWORD of shop/production-web is set (version 3). Instances have it when they read it next.\n", set.Out);
        Assert.Equal((value, "ana"), Sent(api));
    }

    [Fact]
    public async Task A_value_may_come_by_standard_input()
    {
        await using var api = await Given();

        var set = await Piped(api, Canary + "\n");

        Assert.Equal((ExitCode.Ok, ""), (set.ExitCode, set.Error));
        Assert.Equal(Canary, Sent(api).Value);
        Assert.DoesNotContain(Canary, set.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_can_be_no_value_is_refused_before_the_host_is_asked()
    {
        await using var api = await Given();
        string[] set = ["secret", "set", "DB_PASSWORD", "--from-file", _file, .. Scope];
        async Task<string> Refused(byte[] bytes)
        {
            await File.WriteAllBytesAsync(_file, bytes);
            var ended = await InProcess.Run(api, set);
            Assert.Equal(ExitCode.Usage, ended.ExitCode);
            return ended.Error;
        }

        Assert.Contains("The secret is empty; 1 byte is the least.", await Refused([]), StringComparison.Ordinal);
        Assert.Contains("The secret is empty", await Refused([(byte)'\n']), StringComparison.Ordinal);
        Assert.Contains("is no text in UTF-8; write bytes as base64.", await Refused([0xff, 0xfe]), StringComparison.Ordinal);
        Assert.Contains("has more than 32768 bytes", await Refused(Encoding.UTF8.GetBytes(new string('x', (32 * 1024) + 1))), StringComparison.Ordinal);
        Assert.Contains("has more than 32768 bytes", await Refused(Encoding.UTF8.GetBytes(new string('é', 32 * 1024))), StringComparison.Ordinal);
        Assert.Contains("The secret is empty", (await Piped(api, "")).Error, StringComparison.Ordinal);
        Assert.Empty(api.Requests);

        await File.WriteAllTextAsync(_file, new string('x', 32 * 1024) + "\r\n");
        Assert.Equal(ExitCode.Ok, (await InProcess.Run(api, set)).ExitCode);
    }

    [Theory]
    [InlineData("DB_PASSWORD", Canary)]
    [InlineData("DB_PASSWORD", Canary, "more")]
    [InlineData("DB_PASSWORD=" + Canary)]
    public async Task A_value_is_never_an_argument_and_the_error_says_why_without_it(params string[] arguments)
    {
        await using var api = await Given();

        var refused = await InProcess.Run(api, ["secret", "set", .. arguments, .. Scope]);

        Assert.Equal(ExitCode.Usage, refused.ExitCode);
        Assert.Contains("A secret is never an argument: everyone on this machine can read those", refused.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(Canary, refused.Error, StringComparison.Ordinal);
        Assert.Empty(api.Requests);
    }

    [Fact]
    public async Task A_bad_name_is_told_with_what_would_be_right()
    {
        var refused = await InProcess.Run(["secret", "set", "db-password", "--from-file", _file, .. Scope]);

        Assert.Equal(ExitCode.Usage, refused.ExitCode);
        Assert.Contains("name must be 1 to 64 capital letters, digits and underscores", refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Secrets_are_listed_without_values_and_forgotten()
    {
        await using var api = await Given();
        api.Answers("GET", Place, new Page<ScopeSecret>([Secret], null));
        api.On("DELETE", $"{Place}/DB_PASSWORD", context => FakeApi.Write(context, 204, ""));

        var list = await InProcess.Run(api, ["secret", "list", .. Scope]);
        var remove = await InProcess.Run(api, ["secret", "remove", "DB_PASSWORD", .. Scope]);
        api.Answers("GET", Place, new Page<ScopeSecret>([], null));
        var none = await InProcess.Run(api, ["secret", "list", .. Scope]);

        Assert.Equal(
            """
            SECRET       VERSION  CHANGED               BY
            DB_PASSWORD  3        2026-03-01 12:00:00Z  ana

            """,
            list.Out);
        Assert.Equal("Secret DB_PASSWORD of shop/production-web is forgotten.\n", remove.Out);
        Assert.Equal("shop/production-web has no secrets. Set one: fury secret set DB_PASSWORD\n", none.Out);
    }

    [FactIfInstalled("script")]
    public async Task On_a_terminal_it_is_asked_for_and_not_shown()
    {
        await using var api = await Given();
        var start = new ProcessStartInfo("script", ["-qec", $"{CliProcess.Binary} secret set DB_PASSWORD -a shop -s production-web", "/dev/null"])
        {
            WorkingDirectory = Path.GetTempPath(),
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        start.Environment["FURY_HOST"] = api.Address.ToString();
        start.Environment["DOTNET_ROOT"] = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "..", "..", ".."));
        using var process = Process.Start(start)!;
        using var deadline = new CancellationTokenSource(Deadline);
        try
        {
            var shown = new StringBuilder();
            var some = new char[256];
            while (!shown.ToString().Contains("(not shown): ", StringComparison.Ordinal))
            {
                var read = await process.StandardOutput.ReadAsync(some, deadline.Token);
                Assert.True(read > 0, shown.ToString());
                shown.Append(some, 0, read);
            }

            await process.StandardInput.WriteAsync($"{Canary}x\b\r".AsMemory(), deadline.Token);
            await process.StandardInput.FlushAsync(deadline.Token);
            shown.Append(await process.StandardOutput.ReadToEndAsync(deadline.Token));
            await process.WaitForExitAsync(deadline.Token);

            Assert.Equal(Canary, Sent(api).Value);
            Assert.Contains("is set (version 3)", shown.ToString(), StringComparison.Ordinal);
            Assert.DoesNotContain("canary", shown.ToString(), StringComparison.Ordinal);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    private static ScopeSecret Secret { get; } = new(SecretName.Parse("DB_PASSWORD"), 3, new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero), "ana");

    private static async Task<FakeApi> Given() => (await FakeApi.Start()).Answers("PUT", $"{Place}/DB_PASSWORD", Secret);

    private static Task<Ended> Piped(FakeApi api, string input) => CliProcess.Run(
        Deadline, input, CliProcess.Binary, Path.GetTempPath(), new() { ["FURY_HOST"] = api.Address.ToString() },
        ["secret", "set", "DB_PASSWORD", .. Scope]);

    private static (string? Value, string? By) Sent(FakeApi api)
    {
        var body = JsonDocument.Parse(Assert.Single(api.Requests).Body).RootElement;
        return (body.GetProperty("value").GetString(), body.GetProperty("by").GetString());
    }
}
