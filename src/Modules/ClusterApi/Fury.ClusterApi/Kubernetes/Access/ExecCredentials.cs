using System.ComponentModel;
using System.Diagnostics;
using Fury.Kernel;

namespace Fury.ClusterApi.Kubernetes.Access;

/// <summary>
/// Asks a program for the credential, one asker at a time, and keeps it until shortly before its end. What the program prints on standard
/// error is not repeated: it may be anything.
/// </summary>
internal sealed class ExecCredentials(KubeAccess access, ExecPlugin plugin, TimeProvider clock) : IKubeCredentials, IDisposable
{
    private const int OutputCharsMax = 1 << 20;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    /// <summary>A plugin that fails is not run again for each of a thousand waiting requests.</summary>
    private static readonly TimeSpan FailedPause = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim _one = new(1);
    private Held? _held;

    public async ValueTask<Outcome<Credential>> Get(CancellationToken cancellation)
    {
        if (Volatile.Read(ref _held) is { } held && clock.GetUtcNow() < held.Until)
        {
            return held.Answer;
        }

        await _one.WaitAsync(cancellation);
        try
        {
            if (_held is { } other && clock.GetUtcNow() < other.Until)
            {
                return other.Answer;
            }

            var answer = await Ask(cancellation);
            var now = clock.GetUtcNow();
            var until = answer.IsOk ? ExecProtocol.RenewAt(answer.Value, now) ?? DateTimeOffset.MaxValue : now + FailedPause;
            Volatile.Write(ref _held, new(answer, until));
            return answer;
        }
        finally
        {
            _one.Release();
        }
    }

    public bool Refused(Credential credential)
    {
        var held = Volatile.Read(ref _held);
        if (held?.Answer is { IsOk: true } answer && ReferenceEquals(answer.Value, credential))
        {
            Interlocked.CompareExchange(ref _held, null, held);
        }

        return true;
    }

    public void Dispose() => _one.Dispose();

    private async Task<Outcome<Credential>> Ask(CancellationToken cancellation)
    {
        var start = new ProcessStartInfo(plugin.Command, plugin.Arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in plugin.Environment)
        {
            start.Environment[name] = value;
        }

        start.Environment["KUBERNETES_EXEC_INFO"] = ExecProtocol.Info(plugin, access);
        using var deadline = new CancellationTokenSource(Deadline, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellation, deadline.Token);
        using var process = new Process { StartInfo = start };
        try
        {
            process.Start();
            process.StandardInput.Close();
            process.ErrorDataReceived += (_, _) => { }; // Read and let go, so that a talkative plugin does not wait for a reader.
            process.BeginErrorReadLine();
            if (await ReadOutput(process.StandardOutput, both.Token) is not { } output)
            {
                return Failed("printed too much"); // It is not waited for: it waits itself for somebody to read the rest.
            }

            await process.WaitForExitAsync(both.Token);
            return process.ExitCode == 0
                ? ExecProtocol.Read(output, plugin, access.User.Name, clock.GetUtcNow())
                : Failed($"ended with code {process.ExitCode}");
        }
        catch (Win32Exception)
        {
            return Failed("cannot be started");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return Failed($"did not end within {Deadline.TotalSeconds} s");
        }
        finally
        {
            End(process);
        }
    }

    private static async Task<string?> ReadOutput(StreamReader reader, CancellationToken cancellation)
    {
        var text = new System.Text.StringBuilder();
        var buffer = new char[4096];
        int length;
        while ((length = await reader.ReadAsync(buffer, cancellation)) > 0)
        {
            if (text.Length + length > OutputCharsMax)
            {
                return null;
            }

            text.Append(buffer, 0, length);
        }

        return text.ToString();
    }

    private static void End(Process process)
    {
        try
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
        catch (InvalidOperationException)
        {
            // It was never started, or has ended in between.
        }
    }

    private Fault Failed(string what) => ExecProtocol.Failed(plugin, what);

    private sealed record Held(Outcome<Credential> Answer, DateTimeOffset Until);
}
