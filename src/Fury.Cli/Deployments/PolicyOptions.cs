using System.CommandLine;
using Fury.Cli.CommandLine;
using Fury.Deployments.Contracts;

namespace Fury.Cli.Deployments;

/// <summary>The limits of a deployment as options; what is not given has the strategy's default.</summary>
internal sealed class PolicyOptions
{
    private readonly Option<int?> _provision = Spans.Option("--provision", "How long the candidate may take to become ready.");
    private readonly Option<int?> _converge = Spans.Option("--converge", "How long proxies may take to apply a routing table.");
    private readonly Option<int?> _judge = Spans.Option("--judge", "How long the candidate is judged under traffic.");
    private readonly Option<int?> _bake = Spans.Option("--bake", "How long the old pool is kept warm after that.");
    private readonly Option<int?> _drain = Spans.Option("--drain", "How long in-flight requests of a leaving pool may take.");

    private readonly Option<int?> _stepDeadline = Spans.Option("--step-deadline", "How long a step may wait for evidence or for a person before it is held.");
    private readonly Option<int?> _hold = Spans.Option("--hold", "How long it may be held before it turns back.");

    private readonly Option<int?> _headroom = new("--headroom-percent")
    {
        Description = "How much more than its share of the traffic needs the candidate gets, 0 to 200.",
        HelpName = "PERCENT",
    };

    private readonly Option<string?> _onFail = new Option<string?>("--on-fail")
    {
        Description = "When the candidate fails. rollback: back. hold: the weights stay until somebody says what to do.",
    }.AcceptOnlyFromAmong("rollback", "hold");

    private readonly Option<double?> _maxErrorPercent = new("--max-error-percent")
    {
        Description = "The share of the candidate's requests that may fail, 0 to 100.",
        HelpName = "PERCENT",
    };

    private readonly Option<int?> _minRequests = new("--min-requests")
    {
        Description = "How many requests a verdict needs.",
        HelpName = "N",
    };
    private readonly Option<int?> _maxRestarts = new("--max-restarts")
    {
        Description = "How many crashes of the candidate are forgiven.",
        HelpName = "N",
    };


    private readonly Option<FileInfo?> _metrics = new("--metrics")
    {
        Description = "Metrics of the application's own that the candidate is judged by, a list in JSON as the API has it.",
        HelpName = "FILE",
    };

    private readonly Option<string?> _whenUnconverged = new Option<string?>("--when-unconverged")
    {
        Description = "When proxies take longer than --converge. turn-back: back, or the old pool is kept for them. wait: for days, or until they are "
            + "forgotten. go-on: without them, though their requests may fail.",
    }.AcceptOnlyFromAmong("turn-back", "wait", "go-on");

    public IEnumerable<Option> All =>
    [
        _provision, _converge, _judge, _bake, _drain, _maxErrorPercent, _minRequests, _maxRestarts, _whenUnconverged, _stepDeadline, _hold, _headroom, _onFail,
        _metrics,
    ];

    /// <summary>Null when no limit was given.</summary>
    public PolicyRequest? Read(Invocation call)
    {
        var policy = new PolicyRequest(
            call.Value(_provision),
            call.Value(_converge),
            call.Value(_judge),
            call.Value(_bake),
            call.Value(_drain),
            call.Value(_maxErrorPercent),
            call.Value(_minRequests),
            call.Value(_maxRestarts),
            call.Value(_whenUnconverged),
            call.Value(_stepDeadline),
            call.Value(_hold),
            call.Value(_headroom),
            call.Value(_onFail))
        {
            Metrics = call.Value(_metrics) is { } file ? RequestFile.Read<IReadOnlyList<MetricRequest>>(file) : null,
        };
        return policy == new PolicyRequest() ? null : policy;
    }
}
