using System.CommandLine;
using System.CommandLine.Completions;
using Fury.Cli.Completion;

namespace Fury.Cli.CommandLine;

/// <summary>The options that many commands share, once.</summary>
internal sealed class Globals
{
    public const string DefaultHost = "http://127.0.0.1:7080";

    public Option<string?> Host { get; } = new("--host")
    {
        Description = $"Address of the Fury host. Otherwise FURY_HOST, otherwise {DefaultHost}. The token is FURY_TOKEN, else that of fury login.",
        HelpName = "URL",
        Recursive = true,
    };

    public Option<string> Output { get; } = new Option<string>("--output", "-o")
    {
        Description = "table: for people. wide: with more columns. json: exactly what the API answered. yaml: the same in YAML.",
        DefaultValueFactory = _ => "table",
        Recursive = true,
    }.AcceptOnlyFromAmong("table", "wide", "json", "yaml");

    public Option<string?> Application { get; } = new("--application", "-a")
    {
        Description = "The application. Otherwise the one of fury.yaml in this folder or above.",
        HelpName = "NAME",
    };

    public Option<string?> Scope { get; } = new("--scope", "-s")
    {
        Description = "The scope. Otherwise the one of fury.yaml.",
        HelpName = "NAME",
    };

    public Option<string?> After { get; } = new("--after")
    {
        Description = "Start after this key: the last line of the page before says it.",
        HelpName = "KEY",
    };

    public Option<int?> Limit { get; } = new("--limit") { Description = "How many at most, 1 to 500.", HelpName = "N" };

    public Option<bool> Watch { get; } = new("--watch", "-w") { Description = "Stay until it has ended; the exit code tells how." };

    public Option<string?> By { get; } = new("--by")
    {
        Description = "Who says so. Otherwise FURY_USER, otherwise the user of this machine.",
        HelpName = "NAME",
    };

    public Globals()
    {
        Application.CompletionSources.Add(context => Names.Applications(context, this));
        Scope.CompletionSources.Add(context => Names.Scopes(context, this));
    }

    /// <summary>An argument that is the name of a version, completed from the host.</summary>
    public Argument<string?> Version(string description, bool optional = false)
    {
        var version = new Argument<string?>("VERSION") { Description = description };
        if (optional)
        {
            version.Arity = ArgumentArity.ZeroOrOne;
        }

        version.CompletionSources.Add((CompletionContext context) => Names.Versions(context, this));
        return version;
    }
}
