using System.Diagnostics;
using Fury.Deployments.Contracts;
using Fury.Testing;

namespace Fury.Journeys.Tests;

/// <summary>Ctrl-C stops all of it; starting again finds everything as it was.</summary>
public sealed class When_the_host_is_stopped_and_started
{
    [Fact]
    public async Task Nothing_runs_in_between_and_everything_serves_again()
    {
        await using var fury = await FuryProcess.Start();
        var platform = new Platform(fury);
        await platform.CreateHello();
        await platform.Register("1.0.0");
        Assert.Equal(DeploymentPhase.Done, (await platform.DeployAndWait("1.0.0", "all-in")).Phase);
        await platform.AssertSettled("1.0.0");

        await fury.Stop();
        Assert.Empty(fury.LiveInstances());
        Assert.Empty(Directory.EnumerateFiles(fury.DataFolder, "postmaster.pid", SearchOption.AllDirectories));

        await fury.StartHost();
        await platform.AssertSettled("1.0.0");
    }

    [Fact]
    public async Task The_host_the_database_and_every_instance_are_killed_and_all_of_it_comes_back()
    {
        await using var fury = await FuryProcess.Start();
        var platform = new Platform(fury);
        await platform.CreateHello();
        await platform.Register("1.0.0");
        Assert.Equal(DeploymentPhase.Done, (await platform.DeployAndWait("1.0.0", "all-in")).Phase);

        var dying = fury.LiveInstances().Select(live => live.Pid).Append(fury.PostgresPid()).ToList();
        await fury.Kill();
        dying.ForEach(pid => Process.GetProcessById(pid).Kill());

        await fury.StartHost();
        await platform.AssertSettled("1.0.0");
    }

    [Fact]
    public async Task A_second_host_on_the_same_data_folder_is_refused()
    {
        await using var fury = await FuryProcess.Start();
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(fury.StartSecondHost);
        Assert.Contains(fury.Pid.ToString(), refused.Message);
    }
}
