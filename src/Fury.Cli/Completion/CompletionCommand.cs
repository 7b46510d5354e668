using System.CommandLine;
using Fury.Cli.CommandLine;

namespace Fury.Cli.Completion;

internal static class CompletionCommand
{
    public static FuryCommand Create(Globals globals)
    {
        var shell = new Argument<string>("SHELL") { Description = "Whose script to print." }.AcceptOnlyFromAmong("bash", "zsh", "fish");
        return new FuryCommand(
                "completion",
                "Prints a script that completes commands, options, scopes and versions on Tab.",
                "source <(fury completion bash)",
                "fury completion zsh > ~/.zsh/completions/_fury",
                "fury completion fish > ~/.config/fish/completions/fury.fish")
            .With(shell)
            .Runs(globals, async (call, cancellation) =>
            {
                await using var script = typeof(CompletionCommand).Assembly.GetManifestResourceStream($"fury.{call.Value(shell)}")!;
                using var reader = new StreamReader(script);
                await call.Out.WriteAsync((await reader.ReadToEndAsync(cancellation)).AsMemory(), cancellation);
            });
    }
}
