using Fury.Deployments.Contracts;
using Fury.Testing;

namespace Fury.Journeys.Tests;

/// <summary>HAProxy is a process of the host, and has no life of its own.</summary>
public sealed class When_HAProxy_carries_the_requests
{
    [Fact]
    public async Task It_ends_with_the_host_however_that_ends_and_a_host_that_comes_back_serves_again()
    {
        await using var fury = await FuryProcess.Start(null, "--Sidecar:DataPlane=haproxy", $"--Sidecar:Scope={Platform.Caller}");
        var platform = new Platform(fury);
        await platform.CreateHello(replicas: 1);
        await platform.Depend();
        await platform.Register("1.0.0");
        Assert.Equal(DeploymentPhase.Done, (await platform.DeployAndWait("1.0.0", "all-in")).Phase);
        await platform.AssertSettled("1.0.0");
        var first = HaproxyOf(fury);

        await fury.Kill();
        await Eventually.True(() => !IsHaproxy(first), because: "HAProxy ends with a host that was killed");

        await fury.StartHost();
        await Platform.Until(TimeSpan.FromSeconds(60), () => $"Not served again\n{fury.Log}", async () => await platform.Served() == "1.0.0");
        var second = HaproxyOf(fury);
        await fury.Stop();
        Assert.False(IsHaproxy(second));
    }

    private static int HaproxyOf(FuryProcess fury)
    {
        var children = from folder in Directory.EnumerateDirectories("/proc")
                       where int.TryParse(Path.GetFileName(folder), out _)
                       let pid = int.Parse(Path.GetFileName(folder))
                       where IsHaproxy(pid) && Status(pid).Contains($"PPid:\t{fury.Pid}\n")
                       select pid;
        return Assert.Single(children);
    }

    private static bool IsHaproxy(int pid) => Status(pid) is var status && status.StartsWith("Name:\thaproxy\n") && !status.Contains("State:\tZ");

    private static string Status(int pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/status");
        }
        catch (IOException)
        {
            return ""; // It has ended meanwhile.
        }
    }
}
