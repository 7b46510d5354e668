using System.CommandLine;
using Fury.Cli.CommandLine;
using Fury.Kernel;

namespace Fury.Cli.Services;

/// <summary>What is to stand behind a service.</summary>
internal sealed class RouteOptions(bool isNeeded = true)
{
    private readonly Option<string?> _driver = new("--driver") { Description = "Which driver of the SDK, e.g. redis.", Required = isNeeded, HelpName = "NAME" };
    private readonly Option<string?> _transport = new("--transport")
    {
        Description = "direct: instances speak to the provider themselves; gateway: the platform does, and they know neither address nor credential.",
        HelpName = "NAME",
    };

    private readonly Option<string?> _endpoint = new("--endpoint") { Description = "Where the provider is, without user and password.", HelpName = "ADDRESS" };
    private readonly Option<string?> _region = new("--region") { Description = "Where its data is.", HelpName = "NAME" };
    private readonly Option<string?> _resource = new("--resource")
    {
        Description = "The bucket, table, prefix or queue; otherwise named as the service.",
        HelpName = "NAME",
    };

    private readonly Option<string?> _credential = new("--credential")
    {
        Description = "Names the credential, or the variables of the environment that hold it (env:KEY_ID,SECRET), and never is it.",
        HelpName = "NAME",
    };

    private readonly Option<string[]> _dialect = new("--dialect")
    {
        Description = "How the resource differs from what its protocol says; may be repeated.",
        HelpName = "NAME=VALUE",
    };

    private readonly Option<string?> _reason = new("--reason") { Description = "Why, for those who read it later.", HelpName = "TEXT" };
    private readonly Option<bool> _evenIfBehind = new("--even-if-behind")
    {
        Description = "Although instances have not taken the epoch before; harmless between two ways to the same data.",
    };

    private readonly Option<bool> _attest = AttestCommand.Before();

    public Option[] All => [.. OfRoute, _evenIfBehind, _attest];

    /// <summary>Probes what the route names, when that is wished.</summary>
    public Task Attest(Invocation call, ScopeRef scope, (string Kind, string Name) service, CancellationToken cancellation) =>
        call.Value(_attest) ? AttestCommand.Ask(call, scope, service, new { Route = Route(call) }, cancellation) : Task.CompletedTask;

    public Option[] OfRoute => [_driver, _transport, _endpoint, _region, _resource, _credential, _dialect, _reason];

    public object Read(Invocation call) => new { Route = Route(call), Reason = Reason(call), call.By, EvenIfBehind = call.Value(_evenIfBehind) };

    public string? Reason(Invocation call) => call.Value(_reason);

    public string? Driver(Invocation call) => call.Value(_driver);

    public object Route(Invocation call) => new
    {
        Driver = call.Value(_driver),
        Transport = call.Value(_transport),
        Endpoint = call.Value(_endpoint),
        Region = call.Value(_region),
        Resource = call.Value(_resource),
        Credential = call.Value(_credential),
        Dialect = Pairs(call.Value(_dialect) ?? []),
    };

    private static Dictionary<string, string> Pairs(string[] texts)
    {
        var pairs = new Dictionary<string, string>();
        foreach (var text in texts)
        {
            pairs[text.Split('=')[0]] = text.Split('=', 2) is [_, var value]
                ? value
                : throw CommandFailure.Usage($"--dialect is NAME=VALUE, such as s3.if-match=unquoted, not '{text}'.");
        }

        return pairs;
    }
}
