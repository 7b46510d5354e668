using System.CommandLine;
using Fury.Cli.CommandLine;

namespace Fury.Cli.Jobs;

/// <summary>What is to be run: the same for a run and for a schedule.</summary>
internal sealed class JobOptions
{
    private readonly Option<string?> _command = new("--command") { Description = "In place of the version's own.", HelpName = "FILE" };
    private readonly Option<string[]> _arguments = new("--argument") { Description = "In place of the version's own; may be repeated.", HelpName = "TEXT" };
    private readonly Option<int?> _cpu = new("--cpu") { Description = "In thousandths of a core, with --memory. Otherwise the scope's.", HelpName = "MILLIS" };
    private readonly Option<int?> _memory = new("--memory") { Description = "With --cpu. Otherwise the scope's.", HelpName = "MIB" };
    private readonly Option<int?> _retries = new("--retries") { Description = "How often it is tried again after a failure.", HelpName = "N" };
    private readonly Option<int?> _deadline = Spans.Option("--deadline", "How long all attempts may take together.");
    private readonly Option<int?> _startWithin = Spans.Option("--start-within", "How long it may wait for a place.");
    private readonly Option<string?> _location = new("--location") { Description = "Where; otherwise anywhere.", HelpName = "PROVIDER/REGION" };
    private readonly Option<bool> _retryWhenLost = new("--retry-when-lost")
    {
        Description = "It may run twice at once: when its cluster dies, run it in another.",
    };

    public IEnumerable<Option> Options =>
        [_command, _arguments, _cpu, _memory, _retries, _deadline, _startWithin, _location, _retryWhenLost];

    /// <summary>What the API takes.</summary>
    public object Read(Invocation call, string version) => new
    {
        Version = version,
        Command = call.Value(_command),
        Arguments = call.Given(_arguments) ? call.Value(_arguments) : null,
        Size = call.Value(_cpu) is null && call.Value(_memory) is null ? null : new { CpuMillis = call.Value(_cpu), MemoryMiB = call.Value(_memory) },
        Retries = call.Value(_retries),
        DeadlineSeconds = call.Value(_deadline),
        StartWithinSeconds = call.Value(_startWithin),
        Location = call.Value(_location),
        RetryWhenLost = call.Value(_retryWhenLost),
    };
}
