using System.ComponentModel;
using System.Diagnostics;
using Fury.Kernel;

namespace Fury.ClusterApi.Kubernetes.Access;

/// <summary>The credential that a program prints. What it prints on standard error is not repeated: it may be anything.</summary>
internal sealed class ExecCredentials(KubeAccess access, ExecPlugin plugin, TimeProvider clock) : HeldCredentials(clock)
{
    private const int OutputCharsMax = 1 << 20;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    protected override async Task<Outcome<Credential>> Ask(CancellationToken cancellation)
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
        using var deadline = new CancellationTokenSource(Deadline, Clock);
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
                ? ExecProtocol.Read(output, plugin, access.User.Name, Clock.GetUtcNow())
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
}
