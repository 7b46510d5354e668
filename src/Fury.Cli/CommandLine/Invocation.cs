using System.CommandLine;
using System.Text.Json.Nodes;
using Fury.Cli.Access;
using Fury.Cli.Http;
using Fury.Cli.Output;
using Fury.Cli.Project;
using Fury.Kernel;

namespace Fury.Cli.CommandLine;

/// <summary>One run of a command: what was typed, with what <c>fury.yaml</c> and the environment add to it.</summary>
internal sealed class Invocation(ParseResult parsed, Globals globals) : IDisposable
{
    private readonly Lazy<JsonObject?> _document = new(() => FuryYaml.FindDocument(Directory.GetCurrentDirectory())?.Document);
    private FuryApi? _api;
    private TextWriter? _out;

    public TextWriter Out => _out ??= Yaml ? new YamlWriter(parsed.InvocationConfiguration.Output) : parsed.InvocationConfiguration.Output;

    public TextWriter Error => parsed.InvocationConfiguration.Error;

    /// <summary>The answers themselves are wanted, as JSON or as YAML: either way JSON is written to <see cref="Out"/>.</summary>
    public bool Json => Yaml || parsed.GetValue(globals.Output) == "json";

    /// <summary>More columns than a narrow terminal has room for.</summary>
    public bool Wide => parsed.GetValue(globals.Output) == "wide";

    private bool Yaml => parsed.GetValue(globals.Output) == "yaml";

    /// <summary>A person looks at a terminal that can be redrawn; otherwise plain lines are written.</summary>
    public bool Live => !Json && Out == Console.Out && !Console.IsOutputRedirected
        && Environment.GetEnvironmentVariable("TERM") is not (null or "dumb");

    public FuryApi Api => _api ??= new FuryApi(Host, Token);

    /// <summary>Of the environment, or of who is logged in to the host; null: there is none.</summary>
    private string? Token => Environment.GetEnvironmentVariable("FURY_TOKEN") is { Length: > 0 } given ? given : Credentials.Find(Host)?.Token;

    public Uri Host
    {
        get
        {
            var text = parsed.GetValue(globals.Host) ?? Environment.GetEnvironmentVariable("FURY_HOST");
            text = string.IsNullOrWhiteSpace(text) ? Globals.DefaultHost : text;
            return Uri.TryCreate(text, UriKind.Absolute, out var host) && host.Scheme is "http" or "https"
                ? host
                : throw CommandFailure.Usage($"The host must be an http or https address such as {Globals.DefaultHost}, not '{text}'.");
        }
    }

    public T? Value<T>(Option<T> option) => parsed.GetValue(option);

    public T? Value<T>(Argument<T> argument) => parsed.GetValue(argument);

    /// <summary>The option stands on the command line, with or without a value.</summary>
    public bool Given(Option option) => parsed.GetResult(option) is { Implicit: false };

    /// <summary>Who says so; the host refuses nobody.</summary>
    public string By => new[] { Value(globals.By), Environment.GetEnvironmentVariable("FURY_USER") }.FirstOrDefault(name => !string.IsNullOrWhiteSpace(name))
        ?? Environment.UserName;

    public ApplicationName Application() => Checked(check => ApplicationOf(check));

    public ScopeRef Scope(string? named = null) => Checked(check => new ScopeRef(ApplicationOf(check), ScopeOf(check, named)));

    public (ApplicationName Application, VersionName Version) Version(string? named) => Checked(check =>
        (ApplicationOf(check), check.Name<VersionName>(Found(named ?? Project?.Version, "version", "as VERSION"), "version")));

    /// <summary>What <c>fury.yaml</c> says of how the scope is deployed; null when it says nothing.</summary>
    public JsonObject? DeployDefaults(ScopeRef scope) =>
        _document.Value?["applications"]?[scope.Application.Value]?["scopes"]?[scope.Scope.Value]?["deploy"] as JsonObject;

    /// <summary>Whether the command line or <c>fury.yaml</c> says it, for the application or the scope.</summary>
    public bool Knows(Option<string?> name) =>
        (Value(name) ?? (name == globals.Scope ? Project?.Scope : Project?.Application)) is not null;

    private FuryYaml? Project => _document.Value is { } document ? FuryYaml.Of(document, Value(globals.Application)) : null;

    /// <summary>Reads names and reports every bad one at once.</summary>
    public static T Checked<T>(Func<Validation, T> read)
    {
        var check = new Validation();
        var value = read(check);
        return check.Fault is null
            ? value
            : throw CommandFailure.Usage("The command can't be right:", [.. check.Fault.Fields.Select(Problem.Line)]);
    }

    public string Page(string path)
    {
        var query = new List<string>();
        if (Value(globals.After) is { } after)
        {
            query.Add($"after={Uri.EscapeDataString(after)}");
        }

        if (Value(globals.Limit) is { } limit)
        {
            query.Add($"limit={limit}");
        }

        return Routes.With(path, query);
    }

    public void Dispose() => _api?.Dispose();

    private ApplicationName ApplicationOf(Validation check) => check.Name<ApplicationName>(
        Found(Value(globals.Application) ?? Project?.Application, "application", "with --application"), "application");

    private ScopeName ScopeOf(Validation check, string? named) => check.Name<ScopeName>(
        Found(named ?? Value(globals.Scope) ?? Project?.Scope, "scope", "with --scope"), "scope");

    private static string Found(string? value, string what, string how) => value ?? throw CommandFailure.Usage(
        $"Which {what}? Either give it {how}, or write '{what}: …' into a {FuryYaml.FileName} in this folder or one above.");
}
