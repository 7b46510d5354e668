using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Fury.Sdk.Resilience;
using Microsoft.Extensions.Logging;

namespace Fury.Sdk.Bindings.Platform;

/// <summary>
/// Bindings of the platform, by a question that waits for a change. Each question also says which epoch of each service is in force here, so the platform knows
/// when all instances are done, whatever answer got lost. While the platform is away what is bound stays, and an application that starts takes what was in
/// force last.
/// </summary>
internal sealed partial class PlatformBindingSource(PlatformPlace place, HttpMessageInvoker http, TimeProvider clock, ILogger log) : IBindingSource
{
    private const int WaitSeconds = 25;
    private const int AnswerBytesMax = 4 << 20;

    /// <summary>Beyond the time that an answer may wait for a change.</summary>
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan LeaveTimeout = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PauseMin = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan PauseMax = TimeSpan.FromSeconds(15);

    private readonly KeptBindings _kept = new(place);
    private readonly Dictionary<(ServiceKind Kind, string Service), PlatformQuestion.Held> _holds = [];
    private bool _isNews = true;

    public async IAsyncEnumerable<ServiceBinding> WatchAsync(
        IReadOnlyList<ServiceNeed> needs, [EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (var need in needs)
        {
            _holds[(need.Kind, need.Name)] = new(BindingsFile.WordOf(need.Kind), need.Name, 0, null);
        }

        var (revision, isStarted, pause) = ((long?)null, false, PauseMin);
        try
        {
            while (true)
            {
                var (asked, wasNews) = (clock.GetTimestamp(), _isNews);
                PlatformAnswer? answer = null;
                IReadOnlyList<ServiceBinding>? bindings = null;
                try
                {
                    answer = await Ask(revision, cancellation);
                    bindings = Named([.. (answer.Bindings ?? []).Select(one => one.Open(place, $"{place.Platform}"))], needs, revision is not null);
                }
                catch (FuryException failure) when (isStarted || failure.Code != FuryErrorCode.NotBound)
                {
                    NotAnswered(log, place.Platform, failure.Message);
                    bindings = isStarted ? null : Before(needs);
                }

                foreach (var binding in bindings ?? [])
                {
                    if (binding.Epoch > _holds[(binding.Kind, binding.Service)].Epoch)
                    {
                        yield return binding;
                    }
                }

                isStarted |= bindings is not null;
                if (answer is null || bindings is null)
                {
                    pause = await Pause(pause, cancellation);
                    continue;
                }

                Keep(answer, bindings);
                if (answer.Revision == revision && !wasNews && clock.GetElapsedTime(asked) < PauseMin)
                {
                    // More wait there than may: it has answered at once, that nothing has changed.
                    await Task.Delay(PauseMax * Jitter.Next(), clock, cancellation);
                }

                if (_holds.Values.All(held => held.Refused is null))
                {
                    (revision, pause) = (answer.Revision, PauseMin);
                    continue;
                }

                // What was refused may be right in a while, as a store that was down.
                revision = null;
                pause = await Pause(pause, cancellation);
            }
        }
        finally
        {
            await Leave();
        }
    }

    public void Report(ServiceBinding binding, FuryException? refusal)
    {
        var before = _holds[(binding.Kind, binding.Service)];
        _holds[(binding.Kind, binding.Service)] = before with { Epoch = refusal is null ? binding.Epoch : before.Epoch, Refused = refusal?.Message };
        _isNews = true;
        Following.Tell(log, binding, refusal);
    }

    private async Task<PlatformAnswer> Ask(long? revision, CancellationToken cancellation)
    {
        // What is new is said at once; what is old is said with a question that waits.
        var wait = revision is null || _isNews ? 0 : WaitSeconds;
        var question = new PlatformQuestion(place.Instance, revision, wait, [.. _holds.Values], _isNews, IsLeaving: false);
        var answer = await Send(question, TimeSpan.FromSeconds(wait) + AnswerTimeout, cancellation);
        _isNews = false;
        return answer;
    }

    private async Task<PlatformAnswer> Send(PlatformQuestion question, TimeSpan atMost, CancellationToken cancellation)
    {
        using var slow = new CancellationTokenSource(atMost, clock);
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(slow.Token, cancellation);
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(place.Platform, "/api/v1/runtime/bindings"))
        {
            Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(question, PlatformJson.Default.PlatformQuestion)),
        };
        request.Content.Headers.ContentType = new("application/json");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", place.Token);
        try
        {
            using var answer = await http.SendAsync(request, ends.Token);
            if (answer.StatusCode != HttpStatusCode.OK)
            {
                throw new FuryException(
                    answer.StatusCode == HttpStatusCode.Unauthorized ? FuryErrorCode.Unauthenticated : FuryErrorCode.Unavailable,
                    $"The platform answers {(int)answer.StatusCode} when it is asked for bindings.");
            }

            await answer.Content.LoadIntoBufferAsync(AnswerBytesMax, ends.Token);
            return JsonSerializer.Deserialize(await answer.Content.ReadAsByteArrayAsync(ends.Token), PlatformJson.Default.PlatformAnswer)
                ?? throw new FuryException(FuryErrorCode.Unavailable, "The platform answers nothing when it is asked for bindings.");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new FuryException(FuryErrorCode.Unavailable, $"The platform does not answer within {atMost.TotalSeconds} s.");
        }
        catch (Exception broken) when (broken is HttpRequestException or IOException or SocketException or JsonException)
        {
            throw new FuryException(FuryErrorCode.Unavailable, $"The platform cannot be asked for bindings: {broken.Message}");
        }
    }

    /// <summary>The next pause, which is twice as long.</summary>
    private async Task<TimeSpan> Pause(TimeSpan pause, CancellationToken cancellation)
    {
        await Task.Delay(pause * (0.5 + (Jitter.Next() / 2)), clock, cancellation);
        return pause * 2 < PauseMax ? pause * 2 : PauseMax;
    }

    /// <summary>Of those that are needed; at the start each of them must be there.</summary>
    private IReadOnlyList<ServiceBinding> Named(IReadOnlyList<ServiceBinding> bindings, IReadOnlyList<ServiceNeed> needs, bool isStarted) =>
        !isStarted && Following.Missing(bindings, needs) is { Count: > 0 } missing
            ? throw new FuryException(
                FuryErrorCode.NotBound,
                $"Nothing is bound in {place.Application}/{place.Scope} to {string.Join(", ", missing)}. Bind it: fury service bind.")
            : Following.Needed(bindings, needs);

    /// <summary>What was in force here last; null when that is not known, so that the platform is waited for.</summary>
    private IReadOnlyList<ServiceBinding>? Before(IReadOnlyList<ServiceNeed> needs)
    {
        try
        {
            if (_kept.Read() is { } kept)
            {
                var named = Named(kept, needs, isStarted: false);
                StartsWithKept(log, place.Kept);
                return named;
            }
        }
        catch (FuryException bad)
        {
            NotKept(log, bad.Message);
        }

        return null;
    }

    /// <summary>Only what works here is kept.</summary>
    private void Keep(PlatformAnswer answer, IReadOnlyList<ServiceBinding> bindings)
    {
        if (bindings.Count == 0 || bindings.Any(one => _holds[(one.Kind, one.Service)].Epoch != one.Epoch))
        {
            return;
        }

        try
        {
            _kept.Write(answer.Bindings!);
        }
        catch (Exception full) when (full is IOException or UnauthorizedAccessException)
        {
            NotKept(log, full.Message);
        }
    }

    private async Task Leave()
    {
        try
        {
            await Send(new(place.Instance, null, 0, [], IsNews: true, IsLeaving: true), LeaveTimeout, CancellationToken.None);
        }
        catch (FuryException)
        {
            // It is missed soon.
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "No bindings from {Platform}: {Why}")]
    private static partial void NotAnswered(ILogger log, Uri platform, string why);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The platform is away; the services are bound as they were last, by {File}")]
    private static partial void StartsWithKept(ILogger log, string file);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The bindings of before are not to be had, or cannot be kept: {Why}")]
    private static partial void NotKept(ILogger log, string why);
}
