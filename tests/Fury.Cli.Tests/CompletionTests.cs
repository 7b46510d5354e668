using Fury.Catalog.Contracts;
using Fury.Cli.CommandLine;
using Fury.Kernel;

namespace Fury.Cli.Tests;

public sealed class CompletionTests
{
    [Fact]
    public async Task Bash_completes_commands_options_and_what_the_host_knows()
    {
        await using var api = await FakeApi.Start();
        api.Answers("GET", "/api/v1/applications/hello/scopes?limit=500", new Page<Scope>([Given.ProductionWeb], null));

        api.Answers("GET", "/api/v1/sagas?limit=500", SagaTests.Page);
        api.Answers("GET", "/api/v1/clusters?limit=500", """{"items":[{"name":"prod-a"},{"name":"test-a"}]}""");
        api.Answers("GET", "/api/v1/upgrades?limit=500", """{"items":[{"id":"01932c8e"}]}""");

        Assert.Equal("rollback", await Tab(api, "fury rollb"));
        Assert.Equal("all-in blue-green canary migration safe", await Tab(api, "fury deploy --strategy "));
        Assert.Equal("--min-requests", await Tab(api, "fury deploy --mi"));
        Assert.Equal("parked", await Tab(api, "fury saga list --state pa"));
        Assert.Equal("test.launch test.pay", await Tab(api, "fury saga list --name "));
        Assert.Equal("4712", await Tab(api, "fury saga retry 4712"));
        Assert.Equal("prod-a test-a", await Tab(api, "fury upgrade plan --to 1.34 --cluster "));
        Assert.Equal("01932c8e", await Tab(api, "fury upgrade show 01"));
        Assert.Equal("prod-a", await Tab(api, "fury upgrade approve 01932c8e pro"));
        Assert.Equal("production-web", await Tab(api, "fury status -a hello -s prod"));
    }

    [Fact]
    public async Task Without_a_host_there_are_no_suggestions_and_no_errors()
    {
        var ended = await InProcess.Run("[suggest:40]", "fury app show --host http://127.0.0.1:1 ");

        Assert.Equal((0, ""), (ended.ExitCode, ended.Error));
    }

    [Theory]
    [InlineData("bash")]
    [InlineData("zsh")]
    [InlineData("fish")]
    public async Task Each_script_asks_the_command_line_itself(string shell)
    {
        var script = await InProcess.Run("completion", shell);
        Assert.Equal(ExitCode.Ok, script.ExitCode);
        Assert.Contains("[suggest:", script.Out);
    }

    [FactIfInstalled("bash")]
    public Task Bash_can_read_its_script() => Reads("bash", "-n");

    [FactIfInstalled("zsh")]
    public Task Zsh_can_read_its_script() => Reads("zsh", "-n");

    [FactIfInstalled("fish")]
    public Task Fish_can_read_its_script() => Reads("fish", "--no-execute");

    private static async Task Reads(string shell, string check)
    {
        var script = await InProcess.Run("completion", shell);
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, script.Out);
        var ended = await CliProcess.Run(FactIfInstalledAttribute.Find(shell)!, Path.GetTempPath(), [], check, file);
        File.Delete(file);

        Assert.Equal((0, ""), (ended.ExitCode, ended.Error));
    }

    /// <summary>What bash shows when Tab is pressed after the line.</summary>
    private static async Task<string> Tab(FakeApi api, string line)
    {
        var press = $$"""
            source <(fury completion bash)
            COMP_LINE='{{line}}'; COMP_POINT=${#COMP_LINE}
            COMP_WORDS=($COMP_LINE); [[ $COMP_LINE == *' ' ]] && COMP_WORDS+=('')
            COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
            _fury
            echo "${COMPREPLY[*]}"
            """;
        var path = $"{Path.GetDirectoryName(CliProcess.Binary)}:{Environment.GetEnvironmentVariable("PATH")}";
        var ended = await CliProcess.Run(
            "bash", Path.GetTempPath(), new() { ["PATH"] = path, ["FURY_HOST"] = api.Address.ToString() }, "-c", press);
        Assert.Equal((0, ""), (ended.ExitCode, ended.Error));
        return ended.Out.Trim();
    }
}
