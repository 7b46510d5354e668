using System.CommandLine;
using System.CommandLine.Parsing;
using Fury.Cli.CommandLine;

namespace Fury.Cli.Tests;

public sealed class UsageTests
{
    [Theory]
    [InlineData("app creat hello", "Unrecognized command or argument 'creat'")]
    [InlineData("app create hello", "Option '--team' is required.")]
    [InlineData("deploy 1.0.0 --strategy yolo", "'yolo' not recognized")]
    [InlineData("deploy 1.0.0 -a hello -s test-web --strategy canary --step soon", "--step is a weight, then perhaps timed, manual or evidence")]
    [InlineData("deploy 1.0.0 -a hello -s test-web --location a/b/c=half", "--location is PROVIDER/REGION/GROUP or")]
    [InlineData("deploy 1.0.0 --judge soon", "A span such as 10s, 2m or 1h was expected, not 'soon'.")]
    [InlineData("deploy 1.0.0 --judge -1s", "-1s")]
    [InlineData("deploy 1.0.0 --judge 999999999h", "999999999h")]
    [InlineData("deploy 1.0 -a Hello -s web", "application must be 2 to 40")]
    [InlineData("deploy 1.0 -a Hello -s web", "scope must be environment-role")]
    [InlineData("status -a hello", "Which scope?")]
    [InlineData("rollback -a hello -s production-web --to XYZ", "--to must be 16 lower-case hexadecimal digits, not 'XYZ'.")]
    [InlineData("events 7", "DEPLOYMENT must be the id of a deployment")]
    [InlineData("scope create production-web -a hello --env A", "--env must be NAME=VALUE.")]
    [InlineData("scope create production-web -a hello --env-file /none", "/none can't be read")]
    [InlineData("load nowhere --rate 0 --closed --open", "url must be an http or https address, not 'nowhere'.")]
    [InlineData("load nowhere --rate 0 --closed --open", "--rate must be more than 0")]
    [InlineData("load http://127.0.0.1:1/ --latency-mix 1:x", "--latency-mix must be such as 0:90")]
    [InlineData("quickstart --sample /none", "there is no folder /none")]
    [InlineData("saga show abc", "SAGA must be the id of a saga, as 'fury saga list' shows it, not 'abc'.")]
    [InlineData("saga retry 7", "Option '--reason' is required.")]
    [InlineData("saga skip 7 --reason r --result {", "--result must be JSON, such as 42 or '\"text\"', not '{'.")]
    [InlineData("saga list --state dead", "'dead' not recognized")]
    [InlineData("saga list --older-than soon", "A span such as 10s, 2m or 1h was expected, not 'soon'.")]
    [InlineData("completion powershell", "'powershell' not recognized")]
    public async Task A_wrong_command_line_is_exit_code_2_and_asks_nothing_of_the_host(string command, string told)
    {
        // Nothing listens there: had it been asked, the exit code would be another.
        var ended = await InProcess.Run(["--host", "http://127.0.0.1:1", .. command.Split(' ')]);

        Assert.Equal((ExitCode.Usage, ""), (ended.ExitCode, ended.Out));
        Assert.Contains(told, ended.Error);
    }

    [Fact]
    public async Task A_host_must_be_an_address()
    {
        var ended = await InProcess.Run("app", "list", "--host", "nowhere");

        Assert.Equal((ExitCode.Usage, ""), (ended.ExitCode, ended.Out));
        Assert.Contains("The host must be an http or https address such as http://127.0.0.1:7080, not 'nowhere'.", ended.Error);
    }

    [Fact]
    public async Task Nothing_at_all_shows_the_help()
    {
        var ended = await InProcess.Run();

        Assert.Equal(ExitCode.Usage, ended.ExitCode);
        Assert.Contains("quickstart", ended.Out);
    }

    [Fact]
    public void Every_command_has_help_with_examples_that_are_right()
    {
        var commands = Leaves(CommandTree.Create()).ToList();

        Assert.True(commands.Count >= 20);
        foreach (var command in commands)
        {
            var path = CommandTree.Path(command);
            var fury = Assert.IsType<FuryCommand>(command);
            Assert.True(fury.Examples.Count > 0, $"{path} has no example");
            Assert.All(fury.Examples, example => Assert.Contains(path, example));
            Assert.All(fury.Examples, AssertParses);
        }
    }

    [Fact]
    public async Task Help_shows_the_examples()
    {
        var ended = await InProcess.Run("scope", "list", "--help");

        Assert.Equal(ExitCode.Ok, ended.ExitCode);
        Assert.EndsWith("Examples:\n  fury scope list -a hello\n\n", ended.Out);
    }

    /// <summary>A line of a shell: what stands between fury and the end, or a pipe, a redirection or a closing bracket.</summary>
    internal static void AssertParses(string line)
    {
        var call = line[line.IndexOf("fury ", StringComparison.Ordinal)..].Split([" | ", ")", " > ", " # "], StringSplitOptions.None)[0];
        var arguments = CommandLineParser.SplitCommandLine(call).Skip(1).ToArray();
        var parsed = CommandTree.Parse(arguments);
        Assert.True(parsed.Errors.Count == 0, $"{line}: {string.Join(' ', parsed.Errors)}");
    }

    internal static IEnumerable<Command> Leaves(Command command) =>
        command.Subcommands.Count == 0 ? [command] : command.Subcommands.SelectMany(Leaves);
}
