using System.CommandLine;
using Fury.Cli.Output;
using Fury.Kernel;

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

    /// <summary>A list: a page of it as a table, or a sentence when there is nothing; as JSON what the API answered.</summary>
    /// <param name="wide">Columns that come with <c>-o wide</c>.</param>
    public FuryCommand Lists<T>(
        Globals globals,
        Func<Invocation, string> path,
        Func<Invocation, string> nothing,
        string[] headings,
        Func<T, string?[]> cells,
        params (string Heading, Func<T, string?> Cell)[] wide) =>
        With(globals.After, globals.Limit).Runs(globals, async (call, cancellation) =>
        {
            var answer = await call.Api.Get(call.Page(path(call)), cancellation);
            if (call.Json)
            {
                call.Out.WriteLine(answer.Text);
                return;
            }

            var more = call.Wide ? wide : [];
            TextTable.WritePage(
                call.Out,
                answer.Read<Page<T>>(),
                nothing(call),
                [.. headings, .. more.Select(one => one.Heading)],
                one => [.. cells(one), .. more.Select(column => column.Cell(one))]);
        });

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
