using System.Diagnostics;
using Fury.Deployments.Contracts;
using Fury.Testing;

namespace Fury.Journeys.Tests;

/// <summary>The database is killed in the middle of a deployment: it comes back, and the deployment goes on.</summary>
public sealed class When_PostgreSQL_is_killed
{
    [Theory]
    [InlineData(100)]
    [InlineData(1_500)]
    [InlineData(4_000)]
    public async Task The_deployment_continues(int momentMilliseconds)
    {
        await using var fury = await FuryProcess.Start();
        var platform = new Platform(fury);
        await platform.CreateHello();
        await platform.Register("1.0.0");
        await platform.Register("1.1.0");
        Assert.Equal(DeploymentPhase.Done, (await platform.DeployAndWait("1.0.0", "all-in")).Phase);

        var deployment = await platform.Deploy("1.1.0", "blue-green");
        await Task.Delay(momentMilliseconds);
        var postgres = fury.PostgresPid();
        Process.GetProcessById(postgres).Kill();

        Assert.Equal(DeploymentPhase.Done, await EndedPhase(platform, deployment));
        await platform.AssertSettled("1.1.0");
        Assert.NotEqual(postgres, fury.PostgresPid());
    }

    /// <summary>While the database is away the API says 503; a script asks again.</summary>
    private static async Task<DeploymentPhase> EndedPhase(Platform platform, Deployment deployment)
    {
        var phase = deployment.Phase;
        await Platform.Until(TimeSpan.FromSeconds(90), () => $"It stays in {phase}.", async () =>
        {
            var found = await platform.TryFind(deployment.Id);
            phase = found?.Phase ?? phase;
            return found?.Ended == true;
        });
        return phase;
    }
}
