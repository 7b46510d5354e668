using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Fury.Kernel;

namespace Fury.Providers.Clouds;

/// <summary>How calls to a cloud are made: at a pace that follows what each target bears, and again where that may help. All waits are bounded.</summary>
/// <param name="limitOf">The pace of a target. A target is an account, a region and a kind of call, e.g. <c>aws/us-east-1/describe</c>.</param>
/// <param name="chance">0 up to 1, for the pauses.</param>
internal sealed class CloudCalls(Func<string, PaceLimit> limitOf, TimeProvider clock, Func<double> chance)
{
    public const int AttemptsMax = 6;

    /// <summary>A call whose turn is further away is refused at once: whoever asks has better use for the time.</summary>
    public static readonly TimeSpan TurnMax = TimeSpan.FromMinutes(2);

    /// <summary>
    /// The same of creations: nobody has better use for the time, since other places have limits too and what was begun is there as soon as can be. A part
    /// of the patience that there is with an instance, so that it can still boot.
    /// </summary>
    public static readonly TimeSpan CreationTurnMax = TimeSpan.FromMinutes(6);

    public static readonly TimeSpan PauseFirst = TimeSpan.FromMilliseconds(200);
    public static readonly TimeSpan PauseMax = TimeSpan.FromSeconds(10);

    /// <summary>A target that asks to be left alone for longer is: whoever asks has better use for the time.</summary>
    public static readonly TimeSpan AskedMax = TimeSpan.FromSeconds(30);

    private static readonly Meter Meter = new("Fury.Providers");
    private static readonly Counter<long> Made = Meter.CreateCounter<long>("fury.provider.calls", "calls", "Calls to clouds, by target and outcome");

    private readonly ConcurrentDictionary<string, Pace> _paces = new();

    public Pace PaceOf(string target) => _paces.GetOrAdd(target, _ => new(limitOf(target), clock));

    /// <summary>Calls until there is an answer that another call would not change, or attempts run out; then the last refusal is the answer.</summary>
    /// <param name="call">May be made several times: it carries a token, or changes nothing.</param>
    /// <param name="turnMax">How far away its turn may be; null: <see cref="TurnMax"/>.</param>
    public async Task<Outcome<T>> Make<T>(
        string target, Func<CancellationToken, Task<Outcome<T>>> call, CancellationToken cancellation, TimeSpan? turnMax = null)
    {
        var pace = PaceOf(target);
        for (var attempt = 1; ; attempt++)
        {
            if ((await Turns(target, 1, turnMax ?? TurnMax, cancellation)).Fault is { } late)
            {
                return late;
            }

            var answer = await call(cancellation);
            Made.Add(1, new("target", target), new("outcome", answer.IsOk ? "ok" : Word.Of(answer.Fault.Kind)));
            if (answer.Fault?.Kind == FaultKind.Throttled)
            {
                pace.Throttled();
            }

            if (answer.Fault?.Kind is not (FaultKind.Throttled or FaultKind.Unavailable) || attempt == AttemptsMax)
            {
                return answer;
            }

            var asked = CloudFaults.RetryAfter(answer.Fault);
            if (asked > AskedMax)
            {
                return answer;
            }

            await Wait(asked > TimeSpan.Zero ? asked : Pause(attempt), cancellation);
        }
    }

    /// <summary>
    /// Waits for so many turns of a target, as where it counts what a call is for besides the call. Whoever stops waiting leaves the turns to others.
    /// </summary>
    public async Task<Outcome> Turns(string target, int turns, TimeSpan max, CancellationToken cancellation)
    {
        var pace = PaceOf(target);
        if (pace.Take(max, turns) is not { } wait)
        {
            return CloudFaults.Throttled($"More waits for '{target}' than it takes in {max.TotalMinutes} minutes.");
        }

        try
        {
            await Wait(wait, cancellation);
            return Outcome.Ok;
        }
        catch (OperationCanceledException)
        {
            pace.Return(turns);
            throw;
        }
    }

    /// <summary>Full jitter: callers that were refused together do not come back together.</summary>
    private TimeSpan Pause(int attempt) => TimeSpan.FromTicks((long)(chance() * Math.Min(PauseMax.Ticks, PauseFirst.Ticks * Math.Pow(2, attempt - 1))));

    private async Task Wait(TimeSpan time, CancellationToken cancellation)
    {
        if (time > TimeSpan.Zero)
        {
            await Task.Delay(time, clock, cancellation);
        }
    }
}
