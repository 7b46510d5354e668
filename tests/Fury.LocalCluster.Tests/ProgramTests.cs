using System.Diagnostics;
using Fury.Testing;

namespace Fury.LocalCluster.Tests;

/// <summary>A local cluster as a program.</summary>
public sealed class ProgramTests : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private readonly string _folder = Directory.CreateTempSubdirectory("fury-program-").FullName;

    [Fact]
    public async Task It_says_where_it_is_and_ends_when_it_is_asked_to()
    {
        var file = Path.Combine(_folder, "config");
        using var program = Start("--version", "1.25", "--port", "0", "--nodes", "1", "--tls", "--kubeconfig", file);
        await Eventually.True(() => File.Exists(file) && File.ReadAllText(file).Contains("server: https://127.0.0.1:", StringComparison.Ordinal), Deadline);
        using (Process.Start("kill", $"-TERM {program.Id}"))
        {
            using var deadline = new CancellationTokenSource(Deadline);
            await program.WaitForExitAsync(deadline.Token);
        }

        Assert.Equal(0, program.ExitCode);
    }

    [Theory]
    [InlineData("--version 1.9", "Version is '1.9', and must be 1.22 to 1.35.")]
    [InlineData("--nodes many", "--nodes is 'many', and must be a number.")]
    [InlineData("--kubelet docker", "--kubelet is 'docker', and must be process, simulated or none.")]
    [InlineData("--prot 1", "'--prot' is no option of a local cluster. --help lists them.")]
    [InlineData("--port", "--port needs a value. --help lists all options.")]
    public async Task A_bad_option_is_named(string arguments, string message)
    {
        using var program = Start(arguments.Split(' '));
        Assert.Equal(message, (await program.StandardError.ReadToEndAsync()).Trim());
        await program.WaitForExitAsync();
        Assert.Equal(2, program.ExitCode);
    }

    [Fact]
    public async Task A_port_that_is_taken_is_said()
    {
        await using var cluster = await Cluster.Start(new() { Nodes = 0 });
        var refused = await Assert.ThrowsAsync<IOException>(() => Cluster.Start(new() { Nodes = 0, Port = cluster.Address.Port }));
        Assert.Contains("address already in use", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_killed_cluster_has_left_is_ended_by_the_next_one()
    {
        var file = Path.Combine(_folder, "config");
        using var program = Start("--port", "0", "--nodes", "1", "--kubelet", "process", "--kubeconfig", file);
        await Eventually.True(() => File.Exists(file) && File.ReadAllText(file).Contains("users:", StringComparison.Ordinal), Deadline);
        var server = (await File.ReadAllLinesAsync(file)).Single(line => line.Contains("server:", StringComparison.Ordinal)).Split(' ')[^1];
        using var http = new HttpClient { BaseAddress = new(server + "/") };
        using var body = new StringContent(
            """
            {"metadata":{"name":"sleeper"},"spec":{"containers":[{"name":"c","image":"file:///bin","command":["sh"],
             "args":["-c","echo $$ > FILE; exec sleep 600"]}]}}
            """.Replace("FILE", Path.Combine(_folder, "pid"), StringComparison.Ordinal),
            new System.Net.Http.Headers.MediaTypeHeaderValue("application/json"));
        using var made = await http.PostAsync(Client.Pods, body);
        Assert.True(made.IsSuccessStatusCode, await made.Content.ReadAsStringAsync());
        await Eventually.True(() => File.Exists(Path.Combine(_folder, "pid")) && new FileInfo(Path.Combine(_folder, "pid")).Length > 0, Deadline);
        var pid = (await File.ReadAllTextAsync(Path.Combine(_folder, "pid"))).Trim();
        program.Kill();
        await program.WaitForExitAsync();
        Assert.True(Directory.Exists($"/proc/{pid}"), "the pod's process lives on");

        await using var next = await Cluster.Start(new() { Kubelet = KubeletMode.Process, Nodes = 1 });
        await Eventually.True(() => !Directory.Exists($"/proc/{pid}"));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static Process Start(params string[] arguments) => Process.Start(new ProcessStartInfo(
        "dotnet", [Path.Combine(AppContext.BaseDirectory, "Fury.LocalCluster.dll"), .. arguments])
    {
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    })!;
}
