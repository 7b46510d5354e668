using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Fury.Hosting;

/// <summary>First to start and last to stop of all that the host runs: the database is there, and up to date, for everybody else.</summary>
internal sealed class DatabaseStart(
    IDatabase database, Migrations migrations, INode node, ILogger<DatabaseStart> logger, PrivatePostgres? server = null) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        logger.LogInformation("Node {Node} starts on {DataFolder}.", node.Name, node.DataFolder);
        if (server is not null)
        {
            await server.Start(cancellationToken);
        }

        await migrations.Run(database.Source, cancellationToken);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (server is not null)
        {
            // Idle connections say goodbye while there is someone to say it to.
            database.Clear();
            await server.DisposeAsync();
        }
    }
}
