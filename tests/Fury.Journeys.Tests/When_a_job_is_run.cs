using System.Text.Json;
using Fury.LocalCluster;
using Fury.Testing;

namespace Fury.Journeys.Tests;

/// <summary>Jobs from the command line, as processes of a cluster: they write, end and leave nothing, whatever becomes of the host meanwhile.</summary>
public sealed class When_a_job_is_run : IDisposable
{
    private static readonly TimeSpan EndsWithin = TimeSpan.FromMinutes(1);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("fury-test-jobs-");

    [Fact]
    public async Task It_writes_its_lines_ends_and_leaves_nothing_also_when_the_host_is_killed_under_it()
    {
        await using var cluster = await LocalCluster.Cluster.Start(new() { Kubelet = KubeletMode.Process, Tls = true });
        await using var fury = await FuryProcess.Start();
        var go = Path.Combine(_folder.FullName, "go");
        await Prepare(fury, cluster);

        var greeted = await Cli(fury, "job", "run", "1.0.0", "--command", "greet", "--argument", "everybody", "--watch");
        var failed = await Cli(fury, "job", "run", "1.0.0", "--command", "fail", "--retries", "1", "--watch");
        Assert.True(greeted.ExitCode == 0, $"{greeted}\n{fury.Log}");
        Assert.Contains(" 1 hello everybody of production-jobs\n", greeted.Output, StringComparison.Ordinal);
        Assert.True(failed.ExitCode == 3, $"{failed}\n{fury.Log}");
        Assert.Contains(" 2 no\n", failed.Output, StringComparison.Ordinal);

        var id = (await Json(fury, "job", "run", "1.0.0", "--command", "linger", "--argument", go)).GetProperty("id").GetString()!;
        await Platform.Until(EndsWithin, () => $"It does not begin.\n{fury.Log}", async () =>
            (await Cli(fury, "job", "logs", id)).Output.Contains("began", StringComparison.Ordinal));
        await fury.Kill();
        await File.WriteAllTextAsync(go, "");
        await fury.StartHost();
        var ended = await Ended(fury, id);
        var lines = await Cli(fury, "job", "logs", id);

        Assert.Equal(("succeeded", 0), (ended.GetProperty("phase").GetString(), ended.GetProperty("failures").GetInt32()));
        Assert.Equal(["began", "went"], lines.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ')[^1]));

        await Json(fury, "schedule", "set", "nightly", "1.0.0", "--cron", "30 2 * * *", "--time-zone", "Europe/Madrid", "--command", "greet");
        var run = await Json(fury, "schedule", "run", "nightly", "--watch");
        Assert.Equal(("nightly", "succeeded"), (run.GetProperty("schedule").GetString(), run.GetProperty("phase").GetString()));
        Assert.Equal(4, (await Json(fury, "job", "list")).GetProperty("items").GetArrayLength());

        await Platform.Until(EndsWithin, () => $"Left: {string.Join(' ', cluster.Pods)}", () => Task.FromResult(cluster.Pods.Count == 0));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private async Task Prepare(FuryProcess fury, LocalCluster.Cluster cluster)
    {
        var access = Path.Combine(_folder.FullName, "kubeconfig");
        await File.WriteAllTextAsync(access, cluster.Kubeconfig);
        var artifact = _folder.CreateSubdirectory("artifact");
        Script(artifact, "greet", "echo hello $1 of $SCOPE");
        Script(artifact, "fail", "echo no; exit 4");
        Script(artifact, "linger", "echo began; while ! test -e $1; do sleep 0.05; done; echo went");
        string[][] orders =
        [
            ["cluster", "add", "local", "--provider", "local", "--region", "this-machine", "--kubeconfig", access],
            ["app", "create", "hello", "--team", "journeys"],
            ["scope", "create", "production-jobs", "-a", "hello", "--compute", "serverless"],
            ["version", "create", "1.0.0", "-a", "hello", "--artifact", artifact.FullName, "--command", "greet"],
        ];
        foreach (var order in orders)
        {
            var done = await FuryCli.Run(fury, order);
            Assert.True(done.ExitCode == 0, $"{string.Join(' ', order)}: {done}");
        }
    }

    private static async Task<JsonElement> Ended(FuryProcess fury, string id)
    {
        JsonElement last = default;
        await Platform.Until(EndsWithin, () => $"It does not end: {last}\n{fury.Log}", async () =>
        {
            last = await Json(fury, "job", "show", id);
            return last.GetProperty("phase").GetString() is not ("waiting" or "running") && last.GetProperty("isClean").GetBoolean();
        });
        return last;
    }

    private static void Script(DirectoryInfo folder, string name, string text)
    {
        var file = Path.Combine(folder.FullName, name);
        File.WriteAllText(file, $"#!/bin/sh\n{text}\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private static async Task<JsonElement> Json(FuryProcess fury, params string[] arguments)
    {
        var done = await Cli(fury, [.. arguments, "-o", "json"]);
        Assert.True(done.ExitCode == 0, $"{string.Join(' ', arguments)}: {done}\n{fury.Log}");
        return JsonDocument.Parse(done.Output).RootElement;
    }

    /// <summary>What the command line says of the scope of this story.</summary>
    private static Task<Printed> Cli(FuryProcess fury, params string[] arguments) =>
        FuryCli.Run(fury, [.. arguments, "-a", "hello", "-s", "production-jobs"]);
}
