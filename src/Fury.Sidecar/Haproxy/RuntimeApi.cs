using System.Net.Sockets;
using System.Text;

namespace Fury.Sidecar.Haproxy;

/// <summary>HAProxy could not be asked, or did not do what it was told.</summary>
internal sealed class HaproxyException(string message, Exception? cause = null) : Exception(message, cause);

/// <summary>HAProxy's runtime API over its Unix socket, in its interactive mode: only there a prompt ends every answer.</summary>
/// <seealso href="https://docs.haproxy.org/2.6/management.html#9.3"/>
internal sealed class RuntimeApi(string socket, TimeProvider clock)
{
    private const string Prompt = "\n> ";

    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Tells it all of them in order, and gives its answers.</summary>
    /// <exception cref="HaproxyException"/>
    public async Task<IReadOnlyList<string>> Ask(IReadOnlyList<string> commands, CancellationToken cancellation)
    {
        if (commands.Count == 0)
        {
            return [];
        }

        using var deadline = new CancellationTokenSource(AnswerTimeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellation);
        try
        {
            var answers = Answers(await Talk($"prompt\n{string.Join('\n', commands)}\nquit\n", either.Token));
            return answers.Count == commands.Count
                ? answers
                : throw new HaproxyException($"HAProxy gave {answers.Count} answers to {commands.Count} commands that begin with: {commands[0]}");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new HaproxyException($"HAProxy has not answered within {AnswerTimeout.TotalSeconds} s: {commands[0]}");
        }
        catch (Exception broken) when (broken is SocketException or IOException)
        {
            throw new HaproxyException($"HAProxy could not be asked: {broken.Message}", broken);
        }
    }

    public async Task<string> Ask(string command, CancellationToken cancellation) => (await Ask([command], cancellation))[0];

    /// <summary>Between the prompt that it begins with and what is left after the last one.</summary>
    internal static IReadOnlyList<string> Answers(string text) =>
        text.Split(Prompt) is [_, .. var answers, _] ? [.. answers.Select(answer => answer.TrimEnd('\n'))] : [];

    private async Task<string> Talk(string lines, CancellationToken cancellation)
    {
        using var connection = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await connection.ConnectAsync(new UnixDomainSocketEndPoint(socket), cancellation);
        await using var stream = new NetworkStream(connection);
        using var reader = new StreamReader(stream, Encoding.UTF8);

        // Both at once: it reads no further while its answers are not.
        var answers = reader.ReadToEndAsync(cancellation);
        try
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes(lines), cancellation);
        }
        catch (IOException)
        {
            await answers; // It says better why.
            throw;
        }

        return await answers;
    }
}
