namespace Fury.Agent;

/// <summary>Learns who this instance is, then looks for notices of the cloud, which are told at once.</summary>
internal sealed class NoticeWatch(Identity identity, IMetadata metadata, Reporter reporter, TimeProvider clock) : BackgroundService
{
    /// <summary>As EC2's documentation asks; a notice comes 2 minutes before at EC2, and 30 s at the others.</summary>
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await identity.Learn(stoppingToken);
            while (true)
            {
                if (await metadata.Notice(stoppingToken) is { } notice && notice != reporter.Status.Notice)
                {
                    reporter.Noticed(notice);
                }

                await Task.Delay(Period, clock, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The agent ends.
        }
    }
}
