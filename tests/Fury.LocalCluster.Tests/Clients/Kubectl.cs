using System.Diagnostics;

namespace Fury.LocalCluster.Tests;

/// <summary>
/// The <c>kubectl</c> of this machine, or the one that <c>FURY_TEST_KUBECTL</c> names, with a home of its own: it caches what servers tell of
/// themselves by their address, and addresses come back.
/// </summary>
internal sealed class Kubectl : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private readonly string _home = Directory.CreateTempSubdirectory("fury-kubectl-").FullName;

    public Kubectl(Cluster cluster) => File.WriteAllText(Path.Combine(_home, "config"), cluster.Kubeconfig);

    public static string Program => Environment.GetEnvironmentVariable("FURY_TEST_KUBECTL") is { Length: > 0 } given ? given : "kubectl";

    /// <summary>Output and errors together; fails when it ends with another code than 0.</summary>
    public async Task<string> Run(string command, string? input = null)
    {
        var (code, output) = await Try(command, input);
        Assert.True(code == 0, $"kubectl {command} has ended with {code}: {output}");
        return output;
    }

    public async Task<(int Code, string Output)> Try(string command, string? input = null)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        using var process = Start(command);
        if (input is not null)
        {
            await process.StandardInput.WriteAsync(input.AsMemory(), deadline.Token);
        }

        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(deadline.Token);
        var error = process.StandardError.ReadToEndAsync(deadline.Token);
        await process.WaitForExitAsync(deadline.Token);
        return (process.ExitCode, await output + await error);
    }

    public Process Start(string command) => Process.Start(new ProcessStartInfo(Program, command)
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        Environment = { ["HOME"] = _home, ["KUBECONFIG"] = Path.Combine(_home, "config"), ["KUBECACHEDIR"] = Path.Combine(_home, "cache") },
    })!;

    public void Dispose() => Directory.Delete(_home, recursive: true);
}
