using System.Globalization;
using Fury.ClusterApi.Kubernetes.Access;
using Fury.Kernel;
using Fury.LittleMonster.Testing;

namespace Fury.ClusterApi.Tests.Access;

/// <summary>Real programs: small shell scripts that count how often they are run.</summary>
public sealed class ExecCredentialsTests : IDisposable
{
    private const string Version = "client.authentication.k8s.io/v1";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("fury-exec-");
    private readonly TestClock _clock = new();

    private string Counter => Path.Combine(_folder.FullName, "runs");

    private int Runs => File.Exists(Counter) ? File.ReadAllLines(Counter).Length : 0;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_token_is_kept_until_shortly_before_its_end()
    {
        using var credentials = Plugin(Printing($$"""{"token":"t$RUN","expirationTimestamp":"{{In(minutes: 60)}}"}"""));

        Assert.Equal("t1", (await credentials.Get(default)).Value.Token);
        _clock.Advance(TimeSpan.FromMinutes(58));
        Assert.Equal("t1", (await credentials.Get(default)).Value.Token);
        _clock.Advance(TimeSpan.FromMinutes(1.5));
        Assert.Equal("t2", (await credentials.Get(default)).Value.Token);
    }

    [Fact]
    public async Task A_thousand_who_wait_run_it_once()
    {
        using var credentials = Plugin(Printing("""{"token":"t$RUN"}"""));

        var all = await Task.WhenAll(Enumerable.Range(0, 1000).Select(_ => credentials.Get(default).AsTask()));

        Assert.Equal(1, Runs);
        Assert.All(all, one => Assert.Equal("t1", one.Value.Token));
    }

    [Fact]
    public async Task A_refused_token_is_asked_for_again()
    {
        using var credentials = Plugin(Printing("""{"token":"t$RUN"}"""));
        var first = (await credentials.Get(default)).Value;

        Assert.True(credentials.Refused(first));
        Assert.True(credentials.Refused(first));

        Assert.Equal("t2", (await credentials.Get(default)).Value.Token);
        credentials.Refused(first);
        Assert.Equal("t2", (await credentials.Get(default)).Value.Token);
    }

    [Fact]
    public async Task It_is_told_the_protocol_and_the_cluster_it_is_for()
    {
        var script = $"echo \"$KUBERNETES_EXEC_INFO\" > {_folder.FullName}/info\n{Printing("""{"token":"t"}""")}";
        using var credentials = Plugin(script, tellsCluster: true);

        Assert.True((await credentials.Get(default)).IsOk);

        var info = System.Text.Json.JsonElement.Parse(await File.ReadAllTextAsync(Path.Combine(_folder.FullName, "info")));
        Assert.Equal(Version, info.GetProperty("apiVersion").GetString());
        Assert.Equal("https://10.0.0.1:6443/", info.GetProperty("spec").GetProperty("cluster").GetProperty("server").GetString());
    }

    [Theory]
    [InlineData("echo s3cret >&2; exit 3", "ended with code 3")]
    [InlineData("echo s3cret", "printed no JSON")]
    [InlineData("echo '{\"kind\":\"ExecCredential\",\"apiVersion\":\"other/v1\",\"status\":{\"token\":\"s3cret\"}}'", "did not print")]
    [InlineData("echo '{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1\",\"status\":{}}'", "neither a token")]
    [InlineData("head -c 2000000 /dev/zero | tr '\\0' x", "printed too much")]
    public async Task What_goes_wrong_is_said_without_what_it_printed(string script, string expected)
    {
        using var credentials = Plugin(script);

        var fault = (await credentials.Get(default)).Fault!;

        Assert.Equal(FaultKind.Unauthenticated, fault.Kind);
        Assert.Contains(expected, fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", $"{fault} {fault.Detail}", StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_plugin_that_fails_is_not_run_again_at_once()
    {
        using var credentials = Plugin($"echo run >> {Counter}; exit 1");

        await credentials.Get(default);
        await credentials.Get(default);
        Assert.Equal(1, Runs);
        _clock.Advance(TimeSpan.FromSeconds(3));
        await credentials.Get(default);

        Assert.Equal(2, Runs);
    }

    [Fact]
    public async Task A_token_file_is_read_again_after_a_while_and_when_the_server_refuses()
    {
        var file = Path.Combine(_folder.FullName, "token");
        await File.WriteAllTextAsync(file, "one\n");
        var credentials = new FileCredentials(file, null, _clock);
        Assert.Equal("one", (await credentials.Get(default)).Value.Token);

        await File.WriteAllTextAsync(file, "two");
        Assert.Equal("one", (await credentials.Get(default)).Value.Token);
        _clock.Advance(TimeSpan.FromMinutes(2));
        var second = (await credentials.Get(default)).Value;
        Assert.Equal("two", second.Token);

        await File.WriteAllTextAsync(file, "three");
        Assert.True(credentials.Refused(second));
        Assert.Equal("three", (await credentials.Get(default)).Value.Token);

        File.Delete(file);
        credentials.Refused(second);
        Assert.Equal(FaultKind.Unauthenticated, (await credentials.Get(default)).Fault!.Kind);
    }

    private string In(int minutes) => _clock.GetUtcNow().AddMinutes(minutes).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);

    private string Printing(string status) => $$"""
        echo run >> {{Counter}}
        RUN=$(wc -l < {{Counter}} | tr -d ' ')
        cat <<JSON
        {"kind":"ExecCredential","apiVersion":"{{Version}}","status":{{status}}}
        JSON
        """;

    private ExecCredentials Plugin(string script, bool tellsCluster = false)
    {
        var path = Path.Combine(_folder.FullName, "plugin");
        File.WriteAllText(path, script);
        var plugin = new ExecPlugin(Version, "/bin/sh", [path], new Dictionary<string, string>(), tellsCluster);
        var access = new KubeAccess { Server = new Uri("https://10.0.0.1:6443"), User = new KubeUser { Name = "fury", Exec = plugin } };
        return new(access, plugin, _clock);
    }
}
