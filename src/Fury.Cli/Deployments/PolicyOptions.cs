using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Fury.Cli.CommandLine;
using Fury.Deployments.Contracts;

namespace Fury.Cli.Deployments;

/// <summary>The limits of a deployment as options; what is not given has the strategy's default.</summary>
internal sealed class PolicyOptions
{
    private readonly Option<int?> _provision = Span("--provision", "How long the candidate may take to become ready.");
    private readonly Option<int?> _converge = Span("--converge", "How long proxies may take to apply a routing table.");
    private readonly Option<int?> _judge = Span("--judge", "How long the candidate is judged under traffic.");
    private readonly Option<int?> _bake = Span("--bake", "How long the old pool is kept warm after that.");
    private readonly Option<int?> _drain = Span("--drain", "How long in-flight requests of a leaving pool may take.");

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

    public IEnumerable<Option> All => [_provision, _converge, _judge, _bake, _drain, _maxErrorPercent, _minRequests, _maxRestarts];

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
            call.Value(_maxRestarts));
        return policy == new PolicyRequest() ? null : policy;
    }

    private static Option<int?> Span(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "10s|2m|1h",
        CustomParser = Seconds,
    };

    private static int? Seconds(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        var (digits, unit) = text.Length == 0 ? (text, 0) : text[^1] switch
        {
            's' => (text[..^1], 1),
            'm' => (text[..^1], 60),
            'h' => (text[..^1], 3600),
            _ => (text, 1),
        };
        if (int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= int.MaxValue / 3600)
        {
            return number * unit;
        }

        result.AddError($"A span such as 10s, 2m or 1h was expected, not '{text}'.");
        return null;
    }
}
