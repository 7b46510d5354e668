using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Fury.Cli.Access;
using Fury.Cli.Applications;
using Fury.Cli.Campaigns;
using Fury.Cli.Clusters;
using Fury.Cli.Completion;
using Fury.Cli.Deployments;
using Fury.Cli.Jobs;
using Fury.Cli.Load;
using Fury.Cli.Logs;
using Fury.Cli.Mesh;
using Fury.Cli.Project;
using Fury.Cli.Quickstart;
using Fury.Cli.Rules;
using Fury.Cli.Sagas;
using Fury.Cli.Scopes;
using Fury.Cli.Services;
using Fury.Cli.Upgrades;
using Fury.Cli.Versions;
using Fury.Cli.Webhooks;

namespace Fury.Cli.CommandLine;

/// <summary>The list of commands.</summary>
internal static class CommandTree
{
    /// <summary>An argument that starts with @ is a value like any other, not the name of a file with arguments.</summary>
    private static readonly ParserConfiguration Parsing = new() { ResponseFileTokenReplacer = null };

    /// <summary>After Ctrl-C: for the answers under way of 'fury load'.</summary>
    private static readonly TimeSpan TerminationTimeout = TimeSpan.FromSeconds(5);

    public static RootCommand Create()
    {
        var globals = new Globals();
        var root = new RootCommand("Fury moves applications to new versions without losing a request.")
        {
            AppCommand.Create(globals),
            ScopeCommand.Create(globals),
            VersionCommand.Create(globals),
            ServiceCommand.Create(globals),
            DeployCommand.Create(globals),
            PlanCommand.Create(globals),
            RollbackCommand.Create(globals),
            ApproveCommand.Approve(globals),
            ApproveCommand.Reject(globals),
            FreezeCommand.Create(globals),
            VetoCommand.Create(globals),
            PinCommand.Create(globals),
            ConfigCommand.Create(globals),
            SecretCommand.Create(globals),
            StatusCommand.Create(globals),
            WhyCommand.Create(globals),
            OpenCommand.Create(globals),
            LogsCommand.Create(globals),
            EventsCommand.Create(globals),
            ListCommands.Releases(globals),
            ListCommands.Deployments(globals),
            DeploymentCommand.Create(globals),
            RecommendationCommand.Create(globals),
            CampaignCommand.Create(globals),
            JudgeCommand.Create(globals),
            JobCommand.Create(globals),
            ScheduleCommand.Create(globals),
            SagaCommand.Create(globals),
            WebhookCommand.Create(globals),
            MeshCommand.Create(globals),
            ClusterCommand.Create(globals),
            CapacityCommand.Create(globals),
            UpgradeCommand.Create(globals),
            ExplainCommand.Create(globals),
            AgentCommand.Create(globals),
            LoginCommand.Login(globals),
            LoginCommand.Logout(globals),
            LoginCommand.WhoAmI(globals),
            TokenCommand.Create(globals),
            TokenCommand.Grants(globals),
            AuditCommand.Create(globals),
            LoadCommand.Create(globals),
            DiffCommand.Create(globals),
            ApplyCommand.Create(globals),
            SchemaCommand.Create(globals),
            QuickstartCommand.Create(globals),
            CompletionCommand.Create(globals),
        };
        foreach (var ask in AskCommand.All(globals))
        {
            root.Add(ask);
        }

        root.Add(globals.Host);
        root.Add(globals.Output);
        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithExamples((HelpAction)help.Action!);
        return root;
    }

    public static ParseResult Parse(IReadOnlyList<string> arguments) => Create().Parse(arguments, Parsing);

    public static async Task<int> Run(IReadOnlyList<string> arguments, TextWriter output, TextWriter error)
    {
        var parsed = Parse(arguments);
        var invocation = new InvocationConfiguration
        {
            Output = output,
            Error = error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = TerminationTimeout,
        };
        if (parsed.Action is not ParseErrorAction)
        {
            return await parsed.InvokeAsync(invocation);
        }

        if (arguments.Count == 0)
        {
            await Parse(["--help"]).InvokeAsync(invocation);
            return ExitCode.Usage;
        }

        foreach (var fault in parsed.Errors)
        {
            await error.WriteLineAsync($"fury: {fault.Message}");
        }

        await error.WriteLineAsync($"Try '{Path(parsed.CommandResult.Command)} --help'.");
        return ExitCode.Usage;
    }

    /// <summary><c>fury scope create</c>.</summary>
    public static string Path(Command command) =>
        command is RootCommand ? "fury" : $"{Path(command.Parents.OfType<Command>().Single())} {command.Name}";
}

/// <summary>The usual help, and examples under it.</summary>
internal sealed class HelpWithExamples(HelpAction usual) : SynchronousCommandLineAction
{
    public override int Invoke(ParseResult parseResult)
    {
        var result = usual.Invoke(parseResult);
        if (parseResult.CommandResult.Command is FuryCommand { Examples: { Count: > 0 } examples })
        {
            var output = parseResult.InvocationConfiguration.Output;
            output.WriteLine("Examples:");
            foreach (var example in examples)
            {
                output.WriteLine($"  {example}");
            }

            output.WriteLine();
        }

        return result;
    }
}
