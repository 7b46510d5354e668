using Fury.Deployments.Contracts;
using Fury.Testing;

namespace Fury.Journeys.Tests;

/// <summary>With a connection string the host uses that PostgreSQL, starts none of its own, and nothing else changes.</summary>
public sealed class When_the_database_is_external
{
    [Fact]
    public async Task A_deployment_ends_and_no_private_server_is_started()
    {
        var database = await TestPostgres.CreateDatabase();
        await using (var fury = await FuryProcess.Start(database))
        {
            var platform = new Platform(fury);
            await platform.CreateHello();
            await platform.Register("1.0.0");
            Assert.Equal(DeploymentPhase.Done, (await platform.DeployAndWait("1.0.0", "all-in")).Phase);
            await platform.AssertSettled("1.0.0");
            Assert.False(Directory.Exists(Path.Combine(fury.DataFolder, "postgres")));
            // The instances do not learn where the platform keeps its record.
            Assert.All(fury.LiveInstances(), live => Assert.DoesNotContain(live.Environment.Keys, key => key.StartsWith("ConnectionStrings")));
        }

        await TestPostgres.DropDatabase(database);
    }
}
