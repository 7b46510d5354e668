using System.Diagnostics;
using Polly.CircuitBreaker;
using Polly.Timeout;

namespace Fury.Sdk;

/// <summary>What repeating an operation would do.</summary>
internal enum Effect
{
    Read = 0,

    /// <summary>A write that is the same when it happens twice.</summary>
    Idempotent = 1,

    /// <summary>A write that finds out by its own id whether it has happened already.</summary>
    Recognised = 2,

    /// <summary>A write that would happen twice.</summary>
    Once = 3,
}

/// <summary>An operation of a service, as in telemetry and errors.</summary>
internal sealed record Operation(string Name, Effect Effect, ActivityKind Activity = ActivityKind.Client)
{
    /// <summary>A read with a small answer that changes nothing at all: it may be asked twice at once.</summary>
    public bool CanBeHedged { get; init; }
}

/// <summary>One call of an application, over all its attempts.</summary>
internal sealed class Call(string service, ServiceKind? kind, BindingInfo binding, Operation operation, CallOptions? options, TimeSpan extra)
{
    private int _attempts;

    public string Service { get; } = service;

    /// <summary>Null: of the platform's own API.</summary>
    public ServiceKind? Kind { get; } = kind;

    public BindingInfo Binding { get; } = binding;

    public Operation Operation { get; } = operation;

    public CallOptions? Options { get; } = options;

    /// <summary>What the call may take longer than others: it waits on purpose, or moves many bytes.</summary>
    public TimeSpan Extra { get; } = extra;

    public int Attempts => Volatile.Read(ref _attempts);

    /// <summary>When it began, by the clock of its service.</summary>
    public long Begun { get; set; }

    /// <summary>What its first attempt came to, where that failed before the policy had a hand in it; until it is taken.</summary>
    public Exception? First { get; private set; }

    /// <summary>An earlier attempt may have written.</summary>
    public bool MayHaveWritten { get; private set; }

    /// <summary>Another attempt begins; two may at once.</summary>
    public void Begin() => Interlocked.Increment(ref _attempts);

    public void FailedFirst(Exception error)
    {
        First = error;
        MayHaveWritten |= Explain(error).OutcomeUnknown;
    }

    /// <summary>Null when there is none, or somebody has it.</summary>
    public Exception? TakeFirst()
    {
        var first = First;
        First = null;
        return first;
    }

    /// <summary>Whether an attempt that ended so may be followed by another. Takes note of what is not known about it.</summary>
    public bool MayRetry(Exception error, int attemptsMax)
    {
        var failure = Explain(error);
        MayHaveWritten |= failure.OutcomeUnknown;
        return failure is { IsTransient: true, Code: not FuryErrorCode.StaleBinding }
            && Attempts < Math.Min(attemptsMax, Options?.MaxAttempts ?? attemptsMax)
            && (Operation.Effect != Effect.Once || !failure.OutcomeUnknown);
    }

    /// <summary>The error as the application gets it.</summary>
    public FuryException Conclude(Exception error)
    {
        var failure = Explain(error);
        if (MayHaveWritten && !failure.OutcomeUnknown)
        {
            failure = new FuryException(failure.Code, failure.Message, failure)
            {
                IsTransient = failure.IsTransient,
                OutcomeUnknown = true,
                RetryAfter = failure.RetryAfter,
                ProviderCode = failure.ProviderCode,
                RequestId = failure.RequestId,
                CurrentETag = failure.CurrentETag,
                Facts = failure.Facts,
            };
        }

        failure.Call ??= new FuryCallInfo(Service, Operation.Name, Binding.Provider, Binding.Epoch, Attempts);
        return failure;
    }

    private FuryException Explain(Exception error) => error switch
    {
        FuryException { OutcomeUnknown: true } failure when Operation.Effect == Effect.Read => Read(failure),
        FuryException failure => failure,
        TimeoutRejectedException => new FuryException(FuryErrorCode.Timeout, "No answer in time.", error)
        {
            IsTransient = true,
            OutcomeUnknown = Operation.Effect != Effect.Read && Attempts > 0,
        },
        BrokenCircuitException => new FuryException(FuryErrorCode.Unavailable, "The provider fails too often; it is left alone for a while.", error)
        {
            IsTransient = true,
        },
        _ => new FuryException(FuryErrorCode.Internal, "The driver failed: " + error.GetType().Name, error)
        {
            OutcomeUnknown = Operation.Effect != Effect.Read,
        },
    };

    /// <summary>A read has no outcome that could be unknown, whatever the driver says.</summary>
    private static FuryException Read(FuryException failure) => new(failure.Code, failure.Message, failure)
    {
        IsTransient = failure.IsTransient,
        RetryAfter = failure.RetryAfter,
        ProviderCode = failure.ProviderCode,
        RequestId = failure.RequestId,
        Facts = failure.Facts,
    };
}
