using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Fury.Cli.CommandLine;
using Fury.Deployments.Contracts;
using Fury.Kernel;

namespace Fury.Cli.Http;

/// <summary>
/// The events of a deployment, each once and in order, until it has ended. A stream that breaks is taken up again where it broke
/// (<c>Last-Event-ID</c>), so a restarted host goes unnoticed; only a host that stays away for <see cref="Patience"/> ends the command.
/// </summary>
internal sealed class EventStream(FuryApi api, TimeProvider clock)
{
    private static readonly TimeSpan ReconnectDelay = TimeSpan.FromMilliseconds(250);

    /// <summary>A connection that lasted so long had a host at its other end until it broke, however little came.</summary>
    private static readonly TimeSpan LivedMin = TimeSpan.FromSeconds(1);

    /// <summary>A connection on which nothing came for so long may be dead without our knowing; asking again costs little.</summary>
    private static readonly TimeSpan SilenceMax = TimeSpan.FromSeconds(60);

    /// <summary>How long the host may be away.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(60);

    public async IAsyncEnumerable<DeploymentEvent> Follow(DeploymentId deployment, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var last = 0L;
        var heard = clock.GetTimestamp();
        while (true)
        {
            await using var connection = new Connection(api, deployment, clock, cancellation);
            Exception? broken = null;
            while (broken is null)
            {
                DeploymentEvent? news = null;
                try
                {
                    news = await connection.Next(last);
                    heard = clock.GetTimestamp();
                }
                catch (Exception cause) when (!cancellation.IsCancellationRequested && IsOutage(cause))
                {
                    broken = cause;
                }

                // A deployment may be quiet for hours. What counts is how long the host has been away, not how long nothing has happened.
                if (news is null && connection.Lived >= LivedMin)
                {
                    heard = clock.GetTimestamp();
                }

                if (news is null)
                {
                    break;
                }

                if (news.Number <= last)
                {
                    continue;
                }

                last = news.Number;
                yield return news;
                if (news.Phase is DeploymentPhase.Done or DeploymentPhase.RolledBack or DeploymentPhase.Aborted)
                {
                    yield break;
                }
            }

            if (clock.GetElapsedTime(heard) > Patience)
            {
                throw api.Unreachable(broken ?? new IOException("the stream ends without an end of the deployment"));
            }

            await Task.Delay(ReconnectDelay, clock, cancellation);
        }
    }

    private static bool IsOutage(Exception cause) => cause is HttpRequestException or IOException or OperationCanceledException
        || cause is CommandFailure { ExitCode: ExitCode.Failed, StatusCode: >= 500 };

    /// <summary>One connection; null from <see cref="Next"/> is its orderly end.</summary>
    private sealed class Connection : IAsyncDisposable
    {
        private readonly FuryApi _api;
        private readonly DeploymentId _deployment;
        private readonly TimeProvider _clock;
        private readonly CancellationTokenSource _timer;
        private readonly CancellationTokenSource _silence;
        private long? _openedAt;
        private HttpResponseMessage? _response;
        private IAsyncEnumerator<SseItem<DeploymentEvent>>? _items;

        public Connection(FuryApi api, DeploymentId deployment, TimeProvider clock, CancellationToken cancellation)
        {
            (_api, _deployment, _clock) = (api, deployment, clock);
            _timer = new CancellationTokenSource(SilenceMax, clock);
            _silence = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _timer.Token);
        }

        /// <summary>Since the host has answered; nothing while it has not.</summary>
        public TimeSpan Lived => _openedAt is { } opened ? _clock.GetElapsedTime(opened) : TimeSpan.Zero;

        public async Task<DeploymentEvent?> Next(long after)
        {
            _timer.CancelAfter(SilenceMax);
            if (_items is null)
            {
                _response = await _api.Open(
                    Routes.Events(_deployment), "text/event-stream", after == 0 ? null : $"{after}", _silence.Token);
                _openedAt = _clock.GetTimestamp();
                var body = await _response.Content.ReadAsStreamAsync(_silence.Token);
                _items = SseParser.Create(body, Read).EnumerateAsync(_silence.Token).GetAsyncEnumerator(_silence.Token);
            }

            return await _items.MoveNextAsync() ? _items.Current.Data : null;
        }

        public async ValueTask DisposeAsync()
        {
            if (_items is not null)
            {
                await _items.DisposeAsync();
            }

            _response?.Dispose();
            _silence.Dispose();
            _timer.Dispose();
        }

        private static DeploymentEvent Read(string type, ReadOnlySpan<byte> data) =>
            JsonSerializer.Deserialize<DeploymentEvent>(data, FuryJson.Options) ?? throw new IOException("an event without content");
    }
}
