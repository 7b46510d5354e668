using System.CommandLine;
using Fury.Cli.Output;

namespace Fury.Cli.CommandLine;

/// <summary>A command with examples under its help, and with one place where failures become words and exit codes.</summary>
internal sealed class FuryCommand(string name, string description, params string[] examples) : Command(name, description)
{
    public IReadOnlyList<string> Examples { get; } = examples;

    public FuryCommand With(params IEnumerable<Symbol> symbols)
    {
        foreach (var symbol in symbols)
        {
            switch (symbol)
            {
                case Argument argument: Add(argument); break;
                case Option option: Add(option); break;
                case Command command: Add(command); break;
                default: throw new ArgumentException($"{symbol.GetType().Name} can't be part of a command.", nameof(symbols));
            }
        }

        return this;
    }

    public FuryCommand Runs(Globals globals, Func<Invocation, CancellationToken, Task> run) => Runs(globals, async (call, cancellation) =>
    {
        await run(call, cancellation);
        return ExitCode.Ok;
    });

    public FuryCommand Runs(Globals globals, Func<Invocation, CancellationToken, Task<int>> run)
    {
        SetAction(async (parsed, cancellation) =>
        {
            using var call = new Invocation(parsed, globals);
            try
            {
                return await run(call, cancellation);
            }
            catch (CommandFailure failure)
            {
                Say(call, failure);
                return failure.ExitCode;
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                return ExitCode.Interrupted;
            }
        });
        return this;
    }

    private static void Say(Invocation call, CommandFailure failure)
    {
        if (call.Json && failure.Json is { } json)
        {
            call.Error.WriteLine(json);
            return;
        }

        call.Error.WriteLine($"fury: {Plain.Text(failure.Message)}");
        foreach (var line in failure.Lines)
        {
            call.Error.WriteLine($"  {Plain.Text(line)}");
        }
    }
}
