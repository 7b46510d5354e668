using System.CommandLine;
using Fury.Cli.CommandLine;
using Fury.Cli.Http;
using Fury.Deployments.Contracts;

namespace Fury.Cli.Deployments;

internal static class DeployCommand
{
    public static FuryCommand Create(Globals globals)
    {
        var wish = new WishOptions(globals);
        return wish.AddTo(new FuryCommand(
                "deploy",
                "Moves a scope to a version.",
                "fury deploy 1.1.0 --scope production-web --strategy safe --watch",
                "fury deploy 1.1.0 -a hello -s production-web --judge 10s --bake 10s --max-error-percent 1",
                "fury deploy 1.1.0 -s production-web --strategy canary --step \"5 evidence\" --step \"50 10m\" --step 100",
                "fury deploy -s production-web --strategy migration --to local/this-machine/clusters",
                "fury deploy 2.0.0-rc.1 -s test-web --strategy all-in --replace",
                "fury deploy 1.1.0 -o json --key release-42"))
            .With(globals.Watch)
            .Runs(globals, async (call, cancellation) =>
            {
                var answer = await call.Api.Post(Routes.Deployments(call.Scope()), wish.Read(call), wish.Key(call), cancellation);
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

    private readonly Option<bool> _queue = new("--queue")
    {
        Description = "Begin once a deployment in progress has ended, instead of being refused. The latest that waits begins.",
    };

    private readonly Option<string?> _key = new("--key")
    {
        Description = "Idempotency key: the same key again returns the deployment of the first call. Otherwise a new one.",
        HelpName = "TEXT",
    };

    public IEnumerable<Option> Options => [.. _policy.All, _replace, _queue, _key];

    public PolicyRequest? Policy(Invocation call) => _policy.Read(call);

    public string? WhenBusy(Invocation call) => call.Value(_replace) ? "replace" : call.Value(_queue) ? "queue" : null;

    public string Key(Invocation call) => call.Value(_key) ?? FuryApi.NewKey();
}
