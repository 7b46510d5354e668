using Npgsql;

namespace Fury.LittleMonster;

/// <summary>Hears other hosts on a connection of its own. What it misses while the connection is gone is found by period.</summary>
internal sealed class Listener(MembershipStore members, Func<Engine?> engine, Action shardsFreed, TimeProvider time)
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(250);

    public async Task Run(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await using var connection = await members.Listen(Notices.Channels, stopping);
                connection.Notification += (_, notice) => Heard(notice);
                engine()?.WakeInbox();
                while (true)
                {
                    await connection.WaitAsync(stopping);
                }
            }
            catch (Exception exception) when (Database.MayPass(exception) || exception is PostgresException)
            {
                await Task.Delay(RetryPause, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private void Heard(NpgsqlNotificationEventArgs notice)
    {
        switch (notice.Channel)
        {
            case Notices.InboxChannel:
                engine()?.WakeInbox();
                break;
            case Notices.NudgeChannel:
                foreach (var id in Notices.Nudges(notice.Payload))
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
