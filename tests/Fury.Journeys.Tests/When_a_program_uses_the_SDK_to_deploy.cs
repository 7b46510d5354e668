using Fury.Sdk;
using Fury.Sdk.Platform;
using Fury.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Fury.Journeys.Tests;

/// <summary>A program of somebody else creates an application, deploys it, watches, goes back and aborts, by the client of the SDK and a real host.</summary>
public sealed class When_a_program_uses_the_SDK_to_deploy
{
    private const string Token = "canary0123456789abcdef0123456789abcdef";
    private static readonly ScopeRef Web = new("hello", "production-web");
    private static readonly DeploymentLimits Quick = new() { JudgeSeconds = 0, BakeSeconds = 0, DrainSeconds = 5 };

    [Fact]
    public async Task It_ships_watches_goes_back_and_aborts()
    {
        await using var fury = await FuryProcess.Start(null, "--Fury:Auth:Token", Token);
        var services = new ServiceCollection();
        services.AddFuryPlatform(options => (options.Address, options.Token) = (fury.Api, Token));
        await using var provider = services.BuildServiceProvider();
        var platform = provider.GetRequiredService<FuryPlatform>();

        var first = await new Ship(platform).Release("1.0.0", FuryProcess.Sample, CancellationToken.None);
        Assert.True(first.Phase == DeploymentPhases.Done, $"{first.Phase}: {first.Reason}\n{fury.Log}");
        await A_second_version_goes_out_and_back_over_a_restart(fury, platform, first);
        await What_is_changed_names_what_was_read(platform);
        await A_scope_that_is_busy_names_its_deployment_which_is_aborted(platform);
        await Lists_are_read_page_by_page(platform);
        await A_wrong_token_is_told_and_not_shown(fury);
    }

    [Fact]
    public void The_page_has_the_example() => PageExample.IsOn("docs/sdk.md", "platform");

    private static async Task A_second_version_goes_out_and_back_over_a_restart(FuryProcess fury, FuryPlatform platform, Deployment first)
    {
        await platform.RegisterVersionAsync("hello", "1.1.0", new VersionSettings { Artifact = new ArtifactSource(FuryProcess.Sample, "hello") });
        var wish = new DeploymentWish("1.1.0", "blue-green") { Policy = Quick with { BakeSeconds = 3 } };
        var second = await platform.StartDeploymentAsync(Web, wish, "second");
        Assert.Equal(second.Id, (await platform.StartDeploymentAsync(Web, wish, "second")).Id);

        List<DeploymentEvent> seen = [];
        await foreach (var news in platform.WatchAsync(second.Id))
        {
            seen.Add(news);
            if (seen.Count == 2)
            {
                await fury.Stop();
                await fury.StartHost();
            }
        }

        Assert.Equal(Enumerable.Range(1, seen.Count).Select(each => (long)each), seen.Select(each => each.Number));
        Assert.Equal(DeploymentPhases.Done, seen[^1].Phase);
        var status = (await platform.GetStatusAsync(Web))!;
        Assert.Equal(("1.1.0", 2, 100m), (status.Version, Assert.Single(status.Pools).Ready, status.Pools[0].Weight));

        var back = await platform.WaitForEndAsync((await platform.RollBackAsync(Web, new RollbackWish { Policy = Quick })).Id);
        Assert.Equal((DeploymentPhases.Done, "1.0.0", first.To), (back.Phase, back.Version, back.To));
    }

    private static async Task What_is_changed_names_what_was_read(FuryPlatform platform)
    {
        var read = (await platform.GetScopeAsync(Web))!;
        var changed = await platform.PutScopeAsync(Web, read with { MaxReplicas = 6 }, read.ETag);
        var stale = await Assert.ThrowsAsync<FuryException>(() => platform.PutScopeAsync(Web, read with { MaxReplicas = 7 }, read.ETag));
        var exists = await Assert.ThrowsAsync<FuryException>(() => platform.PutApplicationAsync("hello", new ApplicationSettings { Team = "others" }));
        var bad = await Assert.ThrowsAsync<FuryException>(() => platform.PutScopeAsync(Web, read with { MinReplicas = 0 }, changed.ETag));

        Assert.Equal((FuryErrorCode.PreconditionFailed, changed.ETag), (stale.Code, stale.CurrentETag));
        Assert.Equal((FuryErrorCode.AlreadyExists, FuryErrorCode.InvalidArgument), (exists.Code, bad.Code));
        Assert.Contains("minReplicas is '0'; right is 1 to 1000", bad.Message, StringComparison.Ordinal);
        Assert.Null(await platform.GetApplicationAsync("nothing"));
        Assert.Null(await platform.GetVersionAsync("hello", "9.9.9+build"));
        Assert.Null(await platform.GetDeploymentAsync(Guid.NewGuid()));
    }

    private static async Task A_scope_that_is_busy_names_its_deployment_which_is_aborted(FuryPlatform platform)
    {
        var slow = await platform.StartDeploymentAsync(Web, new DeploymentWish("1.1.0", "blue-green") { Policy = Quick with { BakeSeconds = 600 } });
        var busy = await Assert.ThrowsAsync<FuryException>(() => platform.StartDeploymentAsync(Web, new DeploymentWish("1.0.0", "all-in")));
        Assert.Equal((FuryErrorCode.PreconditionFailed, "conflict", $"{slow.Id}"), (busy.Code, busy.ProviderCode, busy.Facts["deploymentId"]));

        await platform.AbortAsync(slow.Id, "a journey", "abort");
        Assert.Equal(DeploymentPhases.Aborted, (await platform.WaitForEndAsync(slow.Id)).Phase);
    }

    private static async Task Lists_are_read_page_by_page(FuryPlatform platform)
    {
        List<string> versions = [];
        await foreach (var page in platform.ListVersions("hello").AsPages(pageSize: 1))
        {
            versions.Add(Assert.Single(page.Items).Version);
        }

        List<Deployment> deployments = [];
        await foreach (var deployment in platform.ListDeployments(Web))
        {
            deployments.Add(deployment);
        }

        Assert.Equal(["1.1.0", "1.0.0"], versions);
        Assert.Equal(["1.1.0", "1.0.0", "1.1.0", "1.0.0"], deployments.Select(each => each.Version));
        await foreach (var scope in platform.ListScopes("hello"))
        {
            Assert.Equal(Web, scope.Ref);
        }
    }

    private static async Task A_wrong_token_is_told_and_not_shown(FuryProcess fury)
    {
        var stranger = FuryPlatform.Connect(new FuryPlatformOptions { Address = fury.Api, Token = Token + "x" });
        var refused = await Assert.ThrowsAsync<FuryException>(() => stranger.GetApplicationAsync("hello"));
        Assert.Equal(FuryErrorCode.Unauthenticated, refused.Code);
        Assert.DoesNotContain(Token, $"{refused}", StringComparison.Ordinal);
    }
}

// docs: platform
internal sealed class Ship(FuryPlatform platform)
{
    public async Task<Deployment> Release(string version, string folder, CancellationToken stop)
    {
        var web = new ScopeRef("hello", "production-web");
        await platform.PutApplicationAsync("hello", new ApplicationSettings { Team = "payments" }, cancellationToken: stop);
        await platform.PutScopeAsync(web, new ScopeSettings { MinReplicas = 2, MaxReplicas = 4 }, cancellationToken: stop);
        await platform.RegisterVersionAsync("hello", version, new VersionSettings { Artifact = new ArtifactSource(folder, "hello") }, stop);

        var deployment = await platform.StartDeploymentAsync(web, new DeploymentWish(version, "all-in"), $"ship/{version}", stop);
        await foreach (var news in platform.WatchAsync(deployment.Id, cancellationToken: stop))
        {
            Console.WriteLine($"{news.Number} {news.Phase}: {news.Message}");
        }

        return (await platform.GetDeploymentAsync(deployment.Id, stop))!;
    }
}
// docs: end
