using Fury.ClusterApi.Contracts;
using Fury.Compute.Serverless.Jobs;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Fury.Compute.Serverless.Tests.Jobs;

/// <summary>A host that goes away in the middle of a run; the fixture's own, so no other test is here.</summary>
public sealed class JobHandoverTests(JobsHost host) : IClassFixture<JobsHost>
{
    [Fact]
    public async Task A_run_whose_host_goes_away_is_brought_to_its_end_by_another_and_has_begun_once()
    {
        var id = await host.Start(host.Job("echo begun >> $DATA/begun; while [ ! -e $DATA/go ]; do sleep 0.05; done; echo done"));
        await host.Until(id, run => run.Seen.Any(attempt => attempt.Stage == ReplicaStage.Ready));

        await host.StopHosted();
        await File.WriteAllTextAsync(Path.Combine(host.Catalog.Data, "go"), "");
        await using var other = host.BuildServices();
        var started = other.GetServices<IHostedService>().ToList();
        foreach (var hosted in started)
        {
            await hosted.StartAsync(default);
        }

        var run = await host.Ended(id);
        foreach (var hosted in Enumerable.Reverse(started))
        {
            await hosted.StopAsync(default);
        }

        Assert.Equal((RunPhase.Succeeded, 0, 1), (run.Phase, run.Failures, run.Placing));
        Assert.Equal(["done"], await host.Lines(id));
        Assert.Single(await File.ReadAllLinesAsync(Path.Combine(host.Catalog.Data, "begun")));
    }
}
