using System.Net.Sockets;
using Fury.Kernel;
using Npgsql;

namespace Fury.LittleMonster;

/// <summary>Calls a step and says what came of it, as an event for the engine. Never throws.</summary>
internal static class StepRunner
{
    /// <summary>The JSON of one step's result, in bytes.</summary>
    public const int ResultBytesMax = 64 * 1024;

    /// <summary>A call that was told to end and does not is given up after this; its saga goes on without it.</summary>
    public static readonly TimeSpan EndGrace = TimeSpan.FromSeconds(10);

    public static async Task<SagaEvent> Run(StepDefinition step, bool undo, StepCall call, TimeProvider clock)
    {
        using var givenUp = new CancellationTokenSource(Timeout.InfiniteTimeSpan, clock);
        await using var told = call.Cancellation.Register(() => givenUp.CancelAfter(EndGrace));
        try
        {
            // Its own task: a step that blocks its thread must not block the engine.
            return await Task.Run(() => Call(step, undo, call), CancellationToken.None).WaitAsync(givenUp.Token);
        }
        catch (OperationCanceledException) when (call.Cancellation.IsCancellationRequested)
        {
            return new SagaEvent.CallInterrupted();
        }
#pragma warning disable CA1031 // Whatever a step throws is the failure of its saga and of nothing else.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            var mayPass = MayPass(exception);
            var what = mayPass ? "got no answer" : $"threw {exception.GetType().Name}";
            var message = $"Step '{step.Name}' {what}: {exception.Message}";
            return new SagaEvent.Refused(Fault.Unavailable(Clean(message), exception), mayPass, InDoubt: true);
        }
    }

    private static async Task<SagaEvent> Call(StepDefinition step, bool undo, StepCall call)
    {
        if (undo)
        {
            var outcome = await step.Undo!(call);
            return outcome.IsOk ? new SagaEvent.Done(default, null) : Refused(outcome.Fault);
        }

        var answer = await step.Do(call);
        return answer switch
        {
            { Fault: { } fault } => Refused(fault),
            { NotYet: { } later } => new SagaEvent.NotYet(later),
            { Result.Length: > ResultBytesMax } =>
                new SagaEvent.Refused(TooLarge(step, answer.Result.Length), MayPass: false, InDoubt: true),
            _ => new SagaEvent.Done(answer.Result, call.ExternalId),
        };
    }

    private static SagaEvent.Refused Refused(Fault fault)
    {
        var mayPass = fault.Kind is FaultKind.Unavailable or FaultKind.Throttled or FaultKind.Exhausted;
        return new SagaEvent.Refused(fault with { Message = Clean(fault.Message) }, mayPass, InDoubt: mayPass);
    }

    private static Fault TooLarge(StepDefinition step, int bytes) =>
        Fault.Invalid($"The result of step '{step.Name}' has {bytes} bytes; at most {ResultBytesMax} are kept.");

    private static bool MayPass(Exception exception) => exception is
        NpgsqlException { IsTransient: true } or HttpRequestException or SocketException or IOException or TimeoutException
        or OperationCanceledException;

    /// <summary>PostgreSQL's text holds no NUL, and nobody reads a page of message.</summary>
    private static string Clean(string message)
    {
        var text = message.Replace('\0', ' ');
        return text.Length <= 2000 ? text : $"{text[..2000]}…";
    }
}
