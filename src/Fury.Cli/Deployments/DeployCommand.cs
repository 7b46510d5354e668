using System.CommandLine;
using Fury.Cli.CommandLine;
using Fury.Cli.Http;
using Fury.Deployments.Contracts;

namespace Fury.Cli.Deployments;

internal static class DeployCommand
{
    public static FuryCommand Create(Globals globals)
    {
        var version = globals.Version("The version to run. Otherwise the one of fury.yaml.", optional: true);
        var strategy = new Option<string>("--strategy")
        {
            Description = "blue-green: beside the current one, judged, then baked. all-in: all traffic as soon as it is ready.",
            DefaultValueFactory = _ => "blue-green",
        }.AcceptOnlyFromAmong("blue-green", "all-in");
        var admission = new Admission();
        return new FuryCommand(
                "deploy",
                "Moves a scope to a version.",
                "fury deploy 1.1.0 --scope production-web --strategy blue-green --watch",
                "fury deploy 1.1.0 -a hello -s production-web --judge 10s --bake 10s --max-error-percent 1",
                "fury deploy 2.0.0-rc.1 -s test-web --strategy all-in --replace",
                "fury deploy 1.1.0 -o json --key release-42")
            .With(version, strategy)
            .With(admission.Options)
            .With(globals.Application, globals.Scope, globals.By, globals.Watch)
            .Runs(globals, async (call, cancellation) =>
            {
                var scope = call.Scope();
                var (_, name) = call.Version(call.Value(version));
                var wish = new DeploymentRequest(name.Value, call.Value(strategy), admission.Policy(call), admission.WhenBusy(call), call.By);
                var answer = await call.Api.Post(Routes.Deployments(scope), wish, admission.Key(call), cancellation);
                return await Watching.Begun(call, answer, call.Value(globals.Watch), cancellation);
            });
    }
}

/// <summary>What deploy and rollback have in common: limits, what to do when the scope is busy, and the key of the request.</summary>
internal sealed class Admission
{
    private readonly PolicyOptions _policy = new();
    private readonly Option<bool> _replace = new("--replace")
    {
        Description = "Abort a deployment in progress first, instead of being refused.",
    };

    private readonly Option<string?> _key = new("--key")
    {
        Description = "Idempotency key: the same key again returns the deployment of the first call. Otherwise a new one.",
        HelpName = "TEXT",
    };

    public IEnumerable<Option> Options => [.. _policy.All, _replace, _key];

    public PolicyRequest? Policy(Invocation call) => _policy.Read(call);

    public string? WhenBusy(Invocation call) => call.Value(_replace) ? "replace" : null;

    public string Key(Invocation call) => call.Value(_key) ?? FuryApi.NewKey();
}
