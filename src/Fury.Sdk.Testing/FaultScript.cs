using System.Collections.Concurrent;

namespace Fury.Sdk.Testing;

/// <summary>
/// What goes wrong, and when: <c>faults.On("carts", "WriteAsync").Nth(3).CutAfterSend()</c>. It also remembers what drivers were asked.
/// </summary>
public sealed class FaultScript
{
    private const int CallsMax = 100_000;

    private readonly ConcurrentQueue<Fault> _faults = new();
    private readonly ConcurrentQueue<DriverCall> _calls = new();

    /// <summary>What drivers were asked, in order; the first 100,000.</summary>
    public IReadOnlyCollection<DriverCall> Calls => _calls;

    /// <param name="service">Null: any.</param>
    /// <param name="operation">The driver's member, e.g. <c>WriteAsync</c>; null: any.</param>
    public Fault On(string? service = null, string? operation = null)
    {
        var fault = new Fault(service, operation);
        _faults.Enqueue(fault);
        return fault;
    }

    /// <summary>Nothing goes wrong any more, and nothing was asked.</summary>
    public void Clear()
    {
        _faults.Clear();
        _calls.Clear();
    }

    internal ValueTask<object?> Intercept(DriverCall call, Func<ValueTask<object?>> next)
    {
        if (_calls.Count < CallsMax)
        {
            _calls.Enqueue(call);
        }

        return _faults.FirstOrDefault(fault => fault.Takes(call)) is { } taken ? taken.Act(call, next) : next();
    }
}

/// <summary>One thing that goes wrong. By default at the first call that it is for, once.</summary>
public sealed class Fault(string? service, string? operation)
{
    private int _skip;
    private int _left = 1;
    private DriverInterceptor _act = (_, next) => next();

    /// <summary>Not at the first such call, but at the so-manieth.</summary>
    public Fault Nth(int number)
    {
        _skip = number - 1;
        return this;
    }

    /// <summary>So often in a row.</summary>
    public Fault Times(int count)
    {
        _left = count;
        return this;
    }

    public Fault Always() => Times(int.MaxValue);

    /// <summary>The connection breaks before anything was sent: nothing has happened.</summary>
    public void CutBeforeSend() => _act = (_, _) => throw Unavailable(false);

    /// <summary>The provider does it, and its answer is lost.</summary>
    public void CutAfterSend() => _act = async (_, next) =>
    {
        await next();
        throw Unavailable(true);
    };

    /// <summary>The connection breaks after the request may have been sent, and the provider has not done it.</summary>
    public void CutUnknown() => _act = (_, _) => throw Unavailable(true);

    public void Throttle(TimeSpan? retryAfter = null) => _act = (_, _) => throw new FuryException(
        FuryErrorCode.Throttled, "The provider is asked too often.")
    { IsTransient = true, RetryAfter = retryAfter };

    public void Throw(Exception error) => _act = (_, _) => throw error;

    /// <summary>No answer until whoever asks gives up.</summary>
    public void Stall() => _act = async (call, _) =>
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, call.Arguments.OfType<CancellationToken>().FirstOrDefault());
        return null;
    };

    /// <summary>Anything else.</summary>
    public void Do(DriverInterceptor act) => _act = act;

    internal bool Takes(DriverCall call)
    {
        if ((service is not null && service != call.Service) || (operation is not null && operation != call.Operation))
        {
            return false;
        }

        return Interlocked.Decrement(ref _skip) < 0 && Interlocked.Decrement(ref _left) >= 0;
    }

    internal ValueTask<object?> Act(DriverCall call, Func<ValueTask<object?>> next) => _act(call, next);

    private static FuryException Unavailable(bool unknown) =>
        new(FuryErrorCode.Unavailable, "The connection broke.") { IsTransient = true, OutcomeUnknown = unknown };
}
