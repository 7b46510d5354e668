using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Fury.LittleMonster;

/// <summary>
/// Wakes the other hosts: never inside a transaction that writes (the lock that NOTIFY takes at commit would end group commit), but from
/// here, at most once in <see cref="Pause"/>. A notice that is lost costs its receivers a period, never correctness.
/// </summary>
internal sealed class Notices(IMembers members, TimeProvider clock, Schedulers schedulers, ILogger log)
{
    public const string InboxChannel = "lm_inbox";
    public const string NudgeChannel = "lm_nudge";
    public const string ShardsChannel = "lm_shards";

    public static readonly IReadOnlyList<string> Channels = [InboxChannel, NudgeChannel, ShardsChannel];

    /// <summary>Nudges that wait for the next notice; more are dropped.</summary>
    public const int NudgesMax = 300;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    private readonly Lock _lock = new();
    private readonly HashSet<SagaId> _nudges = [];
    private readonly HashSet<string> _channels = [];
    private bool _sending;

    public void Inbox() => Add(InboxChannel);

    public void Shards() => Add(ShardsChannel);

    public void Nudge(SagaId id)
    {
        lock (_lock)
        {
            if (_nudges.Count < NudgesMax)
            {
                _nudges.Add(id);
            }
        }

        Add(NudgeChannel);
    }

    public static IEnumerable<SagaId> Nudges(string payload) =>
        payload.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(id => new SagaId(long.Parse(id, CultureInfo.InvariantCulture)));

    private void Add(string channel)
    {
        lock (_lock)
        {
            _channels.Add(channel);
            if (_sending)
            {
                return;
            }

            _sending = true;
        }

        _ = Schedulers.Run(schedulers.Engine, Send);
    }

    private async Task Send()
    {
        await Task.Delay(Pause, clock);
        (string Channel, string Payload)[] notices;
        lock (_lock)
        {
            notices = [.. _channels.Order().Select(channel => (channel, channel == NudgeChannel ? string.Join(',', _nudges) : ""))];
            _channels.Clear();
            _nudges.Clear();
            _sending = false;
        }

        try
        {
            foreach (var (channel, payload) in notices)
            {
                await members.Notify(channel, payload, CancellationToken.None);
            }
        }
        catch (Exception exception) when (Database.MayPass(exception) || exception is ObjectDisposedException)
        {
            log.LogDebug(exception, "A notice was lost");
        }
    }
}
