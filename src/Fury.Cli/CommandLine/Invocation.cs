using System.CommandLine;
using Fury.Cli.Http;
using Fury.Cli.Project;
using Fury.Kernel;

namespace Fury.Cli.CommandLine;

/// <summary>One run of a command: what was typed, with what <c>fury.yaml</c> and the environment add to it.</summary>
internal sealed class Invocation(ParseResult parsed, Globals globals) : IDisposable
{
    private readonly Lazy<FuryYaml?> _project = new(() => FuryYaml.Find(Directory.GetCurrentDirectory()));
    private FuryApi? _api;

    public TextWriter Out => parsed.InvocationConfiguration.Output;

    public TextWriter Error => parsed.InvocationConfiguration.Error;

    public bool Json => parsed.GetValue(globals.Output) == "json";

    /// <summary>A person looks at a terminal that can be redrawn; otherwise plain lines are written.</summary>
    public bool Live => !Json && Out == Console.Out && !Console.IsOutputRedirected
        && Environment.GetEnvironmentVariable("TERM") is not (null or "dumb");

    public FuryApi Api => _api ??= new FuryApi(Host, Environment.GetEnvironmentVariable("FURY_TOKEN"));

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
        (ApplicationOf(check), check.Name<VersionName>(Found(named ?? _project.Value?.Version, "version", "as VERSION"), "version")));

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
        Found(Value(globals.Application) ?? _project.Value?.Application, "application", "with --application"), "application");

    private ScopeName ScopeOf(Validation check, string? named) => check.Name<ScopeName>(
        Found(named ?? Value(globals.Scope) ?? _project.Value?.Scope, "scope", "with --scope"), "scope");

    private static string Found(string? value, string what, string how) => value ?? throw CommandFailure.Usage(
        $"Which {what}? Either give it {how}, or write '{what}: …' into a {FuryYaml.FileName} in this folder or one above.");
}
