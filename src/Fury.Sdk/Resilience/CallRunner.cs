using System.Runtime.ExceptionServices;
using Fury.Sdk.Drivers;
using Fury.Sdk.Telemetry;
using Polly;
using Polly.Timeout;

namespace Fury.Sdk.Resilience;

/// <summary>One call with all its attempts, through the policy and under the eyes of telemetry: of a service, or of the platform's own API.</summary>
internal static class CallRunner
{
    public static async ValueTask<TResult> Run<TDriver, TState, TResult>(
        CallPipeline pipeline, TDriver driver, Call call, TState state,
        Func<TDriver, Call, TState, CancellationToken, ValueTask<TResult>> body, TimeProvider clock, CancellationToken cancellation)
        where TDriver : class, IDriver
    {
        cancellation.ThrowIfCancellationRequested();
        using var activity = Instruments.Start(call);
        call.Begun = clock.GetTimestamp();
        FuryException? failure = null;
        Instruments.Enter(call);
        try
        {
            if (pipeline.TryBegin(call, cancellation) is { } time)
            {
                call.Begin();
                try
                {
                    var answer = body(driver, call, state, time.Token);
                    // Some clients take their time to notice; the call ends in time all the same.
                    var result = answer.IsCompleted || driver.EndsAtOnce ? await answer : await answer.AsTask().WaitAsync(time.Token);
                    pipeline.Succeeded();
                    return result;
                }
                catch (Exception error) when (!cancellation.IsCancellationRequested)
                {
                    call.FailedFirst(
                        error is FuryException ? error
                        : time.Token.IsCancellationRequested && error is OperationCanceledException ? new TimeoutRejectedException("No answer in time.", error)
                        : driver.Translate(error));
                }
                finally
                {
                    pipeline.End(time);
                }
            }

            return await Rest(pipeline, driver, call, state, body, cancellation);
        }
        catch (Exception error) when (error is not OperationCanceledException || !cancellation.IsCancellationRequested)
        {
            failure = call.Conclude(error);
            throw failure;
        }
        finally
        {
            Instruments.Leave(call, activity, clock.GetElapsedTime(call.Begun), failure);
        }
    }

    /// <summary>The whole way; the first attempt may have failed already.</summary>
    private static async ValueTask<TResult> Rest<TDriver, TState, TResult>(
        CallPipeline pipeline, TDriver driver, Call call, TState state,
        Func<TDriver, Call, TState, CancellationToken, ValueTask<TResult>> body, CancellationToken cancellation)
        where TDriver : class, IDriver
    {
        var context = ResilienceContextPool.Shared.Get(cancellation);
        context.Properties.Set(Pipelines.Call, call);
        try
        {
            return await pipeline.Whole.ExecuteAsync(
                static (each, arguments) => Attempt(arguments.driver, arguments.call, arguments.state, arguments.body, each.CancellationToken),
                context,
                (driver, call, state, body));
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    private static async ValueTask<TResult> Attempt<TDriver, TState, TResult>(
        TDriver driver, Call call, TState state, Func<TDriver, Call, TState, CancellationToken, ValueTask<TResult>> body, CancellationToken cancellation)
        where TDriver : class, IDriver
    {
        if (call.TakeFirst() is { } first)
        {
            ExceptionDispatchInfo.Throw(first);
        }

        call.Begin();
        try
        {
            var answer = body(driver, call, state, cancellation);
            return answer.IsCompleted || driver.EndsAtOnce ? await answer : await answer.AsTask().WaitAsync(cancellation);
        }
        catch (Exception error) when (error is not FuryException && !cancellation.IsCancellationRequested)
        {
            throw driver.Translate(error);
        }
    }
}
