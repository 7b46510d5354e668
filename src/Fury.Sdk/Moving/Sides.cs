using Fury.Sdk.Drivers;

namespace Fury.Sdk.Moving;

/// <summary>Calls of one of two drivers, whose errors only that one can explain.</summary>
internal static class Sides
{
    public static async ValueTask<T> Ask<TDriver, T>(this TDriver driver, Func<TDriver, ValueTask<T>> call, CancellationToken cancellation)
        where TDriver : IDriver
    {
        try
        {
            return await call(driver);
        }
        catch (Exception error) when (error is not FuryException && !cancellation.IsCancellationRequested)
        {
            throw driver.Translate(error);
        }
    }

    /// <param name="isWrite">It is what the application asked for, and not a step on the way there: only then its outcome may be unknown.</param>
    public static async ValueTask<T> Ask<TDriver, T>(this TDriver driver, Func<TDriver, ValueTask<T>> call, bool isWrite, CancellationToken cancellation)
        where TDriver : IDriver
    {
        try
        {
            return await driver.Ask(call, cancellation);
        }
        catch (FuryException failure) when (failure.OutcomeUnknown && !isWrite)
        {
            throw new FuryException(failure.Code, failure.Message, failure)
            {
                IsTransient = failure.IsTransient,
                RetryAfter = failure.RetryAfter,
                ProviderCode = failure.ProviderCode,
                RequestId = failure.RequestId,
            };
        }
    }

    public static async ValueTask Do<TDriver>(this TDriver driver, Func<TDriver, ValueTask> call, CancellationToken cancellation)
        where TDriver : IDriver => await driver.Ask(
            async each =>
            {
                await call(each);
                return true;
            },
            cancellation);

    public static async ValueTask Probe(IDriver source, IDriver target, CancellationToken cancellation)
    {
        await source.Do(each => each.ProbeAsync(cancellation), cancellation);
        await target.Do(each => each.ProbeAsync(cancellation), cancellation);
    }

    /// <summary>What both can do.</summary>
    public static CapabilitySet Both(IDriver source, IDriver target) =>
        source.Declared.Without([.. target.Declared.Missing(source.Declared.Levels.Keys)]);
}
