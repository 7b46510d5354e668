using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Fury.Sdk.Http;
using Fury.Sdk.Objects;
using Fury.Sdk.Resilience;

namespace Fury.Sdk.Platform;

/// <summary>Follows a deployment over as many connections as it takes.</summary>
/// <param name="open">Opens the events after a number: one call, by the policy.</param>
/// <param name="isEnded">Asked when a connection has ended with nothing new.</param>
/// <param name="patience">How long nothing may be heard.</param>
internal sealed class DeploymentWatch(
    Func<long, CancellationToken, Task<HttpResponseMessage>> open, Func<CancellationToken, Task<bool>> isEnded, TimeSpan patience, TimeProvider clock)
{
    private static readonly TimeSpan PauseMax = TimeSpan.FromSeconds(1);

    /// <summary>The platform gives a sign of life each 15 s.</summary>
    private static readonly TimeSpan SilenceMax = TimeSpan.FromSeconds(45);

    public async IAsyncEnumerable<DeploymentEvent> Follow(long after, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var (heard, isOver) = (clock.GetTimestamp(), false);
        while (true)
        {
            FuryException? broken = null;
            var before = after;
            await using var connection = new Connection(open, clock);
            while (true)
            {
                DeploymentEvent? news = null;
                try
                {
                    news = await connection.Next(after, cancellation);
                }
                catch (Exception error) when (!cancellation.IsCancellationRequested)
                {
                    broken = error as FuryException ?? HttpFailures.Transport(PlatformLine.Speaker, error);
                }

                heard = Math.Max(heard, connection.LastHeard);
                if (news is null)
                {
                    break;
                }

                if (news.Number <= after)
                {
                    continue;
                }

                after = news.Number;
                yield return news;
                if (DeploymentPhases.IsEnd(news.Phase))
                {
                    yield break;
                }

                // Whoever was told may have taken his time, in which nobody listened.
                heard = clock.GetTimestamp();
            }

            if (broken is null && after == before)
            {
                if (isOver)
                {
                    yield break;
                }

                // What came before the end and was not told is read once more.
                (isOver, broken) = await Look(cancellation);
                heard = broken is null ? clock.GetTimestamp() : heard;
            }

            if (broken is not null && (!broken.IsTransient || clock.GetElapsedTime(heard) > patience))
            {
                throw broken;
            }

            await Task.Delay(PauseMax * Jitter.Next(), clock, cancellation);
        }
    }

    private async Task<(bool IsOver, FuryException? Broken)> Look(CancellationToken cancellation)
    {
        try
        {
            return (await isEnded(cancellation), null);
        }
        catch (FuryException broken)
        {
            return (false, broken);
        }
    }

    /// <summary>One connection; null from <see cref="Next"/> is its orderly end.</summary>
    private sealed class Connection(Func<long, CancellationToken, Task<HttpResponseMessage>> open, TimeProvider clock) : IAsyncDisposable
    {
        private HttpResponseMessage? _response;
        private ListeningStream? _stream;
        private IAsyncEnumerator<SseItem<DeploymentEvent>>? _items;

        public long LastHeard => _stream?.LastHeard ?? 0;

        public async Task<DeploymentEvent?> Next(long after, CancellationToken cancellation)
        {
            if (_items is null)
            {
                _response = await open(after, cancellation);
                _stream = new ListeningStream(await _response.Content.ReadAsStreamAsync(cancellation), clock);
                _items = SseParser.Create(_stream, Read).EnumerateAsync(cancellation).GetAsyncEnumerator(cancellation);
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
        }

        private static DeploymentEvent Read(string type, ReadOnlySpan<byte> data)
        {
            try
            {
                return JsonSerializer.Deserialize(data, PlatformApiJson.Default.DeploymentEvent) ?? throw new JsonException("null");
            }
            catch (JsonException bad)
            {
                throw new FuryException(FuryErrorCode.Unknown, $"{PlatformLine.Speaker} told an event that is none, at {bad.Path}.");
            }
        }
    }

    /// <summary>What comes as it comes; a connection on which nothing comes for long, not even a sign of life, is taken for dead.</summary>
    private sealed class ListeningStream(Stream inner, TimeProvider clock) : ReadOnlyStream
    {
        /// <summary>0: nothing at all.</summary>
        public long LastHeard { get; private set; }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            using var silence = new CancellationTokenSource(SilenceMax, clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(silence.Token, cancellationToken);
            try
            {
                var read = await inner.ReadAsync(buffer, either.Token);
                LastHeard = read > 0 ? clock.GetTimestamp() : LastHeard;
                return read;
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                throw new IOException($"Nothing was heard for {SilenceMax.TotalSeconds} s.");
            }
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                inner.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
