using System.CommandLine;
using System.Text;
using Fury.Catalog.Contracts;
using Fury.Cli.CommandLine;
using Fury.Kernel;

namespace Fury.Cli.Scopes;

/// <summary>The value of a secret, from where nobody else on the machine can read it.</summary>
internal sealed class SecretValue
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Taken only so that it can be refused in words.</summary>
    public Argument<string[]> Argument { get; } = new("VALUE") { Arity = ArgumentArity.ZeroOrMore, Hidden = true };

    public Option<string?> FromFile { get; } = new("--from-file") { Description = "A file that is the value.", HelpName = "FILE" };

    /// <exception cref="CommandFailure">The value stands behind the name, or in it; it is not repeated.</exception>
    public void RequireNoArgument(Invocation call, string name)
    {
        if (call.Value(Argument) is { Length: > 0 } || name.Contains('=', StringComparison.Ordinal))
        {
            throw CommandFailure.Usage(
                "A secret is never an argument: everyone on this machine can read those, and the shell keeps them.",
                "Give it with --from-file FILE, on standard input, or without either, when it is asked for and not shown.");
        }
    }

    /// <exception cref="CommandFailure">There is none, or it can be no value.</exception>
    public async Task<string> Read(Invocation call, SecretName secret, CancellationToken cancellation)
    {
        var file = call.Value(FromFile);
        var text = file is not null ? await OfFile(file, cancellation)
            : Console.IsInputRedirected ? await OfStream(Console.OpenStandardInput(), "Standard input", cancellation)
            : await Task.Run(() => Typed(call.Error, secret), CancellationToken.None).WaitAsync(cancellation);
        return text.Length > 0 ? text : throw CommandFailure.Usage("The secret is empty; 1 byte is the least.");
    }

    private static async Task<string> OfFile(string file, CancellationToken cancellation)
    {
        try
        {
            await using var stream = File.OpenRead(file);
            return await OfStream(stream, file, cancellation);
        }
        catch (Exception denied) when (denied is IOException or UnauthorizedAccessException)
        {
            throw CommandFailure.Usage($"{file} can't be read: {denied.Message}");
        }
    }

    private static async Task<string> OfStream(Stream stream, string origin, CancellationToken cancellation)
    {
        // Room for the line end, and for one byte that shows that it is too long.
        var bytes = new byte[ScopeSecret.ValueBytesMax + 3];
        var length = await stream.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellation);
        try
        {
            var text = Strict.GetString(bytes, 0, length);
            text = text.EndsWith("\r\n", StringComparison.Ordinal) ? text[..^2] : text.EndsWith('\n') ? text[..^1] : text;
            return Strict.GetByteCount(text) <= ScopeSecret.ValueBytesMax ? text : throw TooLong(origin);
        }
        catch (DecoderFallbackException)
        {
            throw length == bytes.Length ? TooLong(origin) : CommandFailure.Usage($"{origin} is no text in UTF-8; write bytes as base64.");
        }
    }

    private static CommandFailure TooLong(string origin) =>
        CommandFailure.Usage($"{origin} has more than {ScopeSecret.ValueBytesMax} bytes, which is the most for a secret.");

    /// <summary>One line, of which the terminal shows nothing.</summary>
    private static string Typed(TextWriter error, SecretName secret)
    {
        // From here on the terminal shows nothing by itself, so nothing that is typed ahead.
        _ = Console.KeyAvailable;
        error.Write($"Value of {secret} (not shown): ");
        var text = new StringBuilder();
        while (Console.ReadKey(intercept: true) is { Key: not ConsoleKey.Enter } key)
        {
            if (key.Key == ConsoleKey.Backspace)
            {
                text.Length = Math.Max(0, text.Length - 1);
            }
            else if (!char.IsControl(key.KeyChar))
            {
                text.Append(key.KeyChar);
            }
        }

        error.WriteLine();
        return text.ToString();
    }
}
