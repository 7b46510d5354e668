using Dapper;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Fury.Hosting;

/// <summary>
/// Carries rings between hosts by NOTIFY. It is sent from a connection of its own after the commit, and at most every
/// <see cref="TellGap"/>: inside a writing transaction it would keep others from sharing its commit. What gets lost costs a poll period.
/// </summary>
internal sealed partial class WakeWire(IDatabase database, WakeBoard board, INode node, TimeProvider clock, ILogger<WakeWire> logger)
    : BackgroundService
{
    private const string Channel = "fury_wake";

    /// <summary>A notification holds less than 8000 bytes.</summary>
    private const int PayloadLengthMax = 7500;

    private static readonly TimeSpan TellGap = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan QuietMax = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan ReconnectBackoff = TimeSpan.FromMilliseconds(200);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(Tell(stoppingToken), Listen(stoppingToken));

    private async Task Tell(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                await board.Told.Wait(QuietMax, clock, cancellation);
                foreach (var payload in Payloads(board.TakeTold()))
                {
                    await using var connection = await database.OpenUrgent(cancellation);
                    await connection.ExecuteAsync("select pg_notify(@Channel, @payload)", new { Channel, payload });
                }

                await Task.Delay(TellGap, clock, cancellation);
            }
            catch (Exception failure) when (!cancellation.IsCancellationRequested)
            {
                LogNotTold(logger, failure.Message);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private IEnumerable<string> Payloads(IReadOnlyList<string> topics)
    {
        var payload = $"{node.Incarnation}";
        foreach (var topic in topics)
        {
            if (payload.Length + topic.Length > PayloadLengthMax)
            {
                yield return payload;
                payload = $"{node.Incarnation}";
            }

            payload += $" {topic}";
        }

        if (topics.Count > 0)
        {
            yield return payload;
        }
    }

    private async Task Listen(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            var isListening = false;
            try
            {
                await using var connection = await database.OpenUrgent(cancellation);
                connection.Notification += (_, news) => Heard(news.Payload);
                await connection.ExecuteAsync($"listen {Channel}");
                isListening = true;
                board.RingAllHere();
                while (true)
                {
                    // The time-out makes a round trip, which finds out about a connection that died without a word.
                    if (!await connection.WaitAsync(QuietMax, cancellation))
                    {
                        await connection.ExecuteAsync("select 1");
                    }
                }
            }
            catch (Exception failure) when (!cancellation.IsCancellationRequested)
            {
                if (isListening)
                {
                    // It waits on its connection all the time, so it is the first to notice that the server went away: the idle connections of
                    // the pool are as dead as this one, and nobody should be handed one. Where it got none, those of others are all right: to
                    // throw them away would keep a busy server busy with letting everybody in anew.
                    database.Clear();
                }

                LogNotHeard(logger, failure.Message);
                await Task.Delay(ReconnectBackoff, clock, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private void Heard(string payload)
    {
        if (payload.Split(' ') is [var incarnation, .. var topics] && incarnation != $"{node.Incarnation}")
        {
            foreach (var topic in topics)
            {
                board.RingHere(topic);
            }
        }
    }

    [LoggerMessage(LogLevel.Debug, "Other hosts could not be woken: {Reason}")]
    private static partial void LogNotTold(ILogger logger, string reason);

    [LoggerMessage(LogLevel.Warning, "The connection that hears of other hosts broke: {Reason}")]
    private static partial void LogNotHeard(ILogger logger, string reason);
}
