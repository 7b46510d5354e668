namespace Fury.LittleMonster;

/// <summary>Hears other hosts on a connection of its own. What it misses while the connection is gone is found by period.</summary>
internal sealed class Listener(IMembers members, Func<Engine?> engine, Action shardsFreed, TimeProvider time)
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(250);

    public async Task Run(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await members.Listen(Notices.Channels, () => engine()?.WakeInbox(), Heard, stopping);
            }
            catch (Exception exception) when (Database.MayPass(exception) || exception is Npgsql.PostgresException)
            {
                await Task.Delay(RetryPause, time, stopping)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            }
        }
    }

    private void Heard(string channel, string payload)
    {
        switch (channel)
        {
            case Notices.InboxChannel:
                engine()?.WakeInbox();
                break;
            case Notices.NudgeChannel:
                foreach (var id in Notices.Nudges(payload))
                {
                    engine()?.Nudge(id, () => { });
                }

                break;
            default:
                shardsFreed();
                break;
        }
    }
}
