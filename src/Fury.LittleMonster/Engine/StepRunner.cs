using System.Net.Sockets;
using Fury.Kernel;
using Npgsql;

namespace Fury.LittleMonster;

/// <summary>Calls a step and says what came of it, as an event for the engine. Never throws.</summary>
internal static class StepRunner
{
    /// <summary>The JSON of one step's result, in bytes.</summary>
    public const int ResultBytesMax = 64 * 1024;

    /// <summary>Longer messages are cut: nobody reads more than a page.</summary>
    public const int MessageLengthMax = 2000;

    public static Task<SagaEvent> Run(StepDefinition step, bool undo, StepCall call) =>
        Guarded(step, () => Call(step, undo, call), call.Cancellation);

    /// <summary>Makes an event of whatever the call throws.</summary>
    public static async Task<SagaEvent> Guarded(StepDefinition step, Func<Task<SagaEvent>> call, CancellationToken cancellation)
    {
        try
        {
            return await call();
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return new SagaEvent.CallInterrupted();
        }
#pragma warning disable CA1031 // Whatever a step throws is the failure of its saga and of nothing else.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            var mayPass = MayPass(exception);
            var what = mayPass ? "got no answer" : $"threw {exception.GetType().Name}";
            var fault = Fault.Unavailable(Clean($"Step '{step.Name}' {what}: {exception.Message}"));
            return new SagaEvent.Refused(fault with { Detail = Clean(exception.ToString()) }, mayPass, InDoubt: true);
        }
    }

    private static async Task<SagaEvent> Call(StepDefinition step, bool undo, StepCall call)
    {
        if (undo)
        {
            var outcome = await step.Undo!(call);
            return outcome.IsOk ? new SagaEvent.Done(default, null) : Refused(outcome.Fault);
        }

        return Answered(step, await step.Do!(call), call.ExternalId);
    }

    /// <summary>What an answer means; also for those that a batch has given.</summary>
    public static SagaEvent Answered(StepDefinition step, StepAnswer answer, string? externalId) => answer switch
    {
        { Fault: { } fault } => Refused(fault),
        { NotYet: { } later } => new SagaEvent.NotYet(later),
        { Result.Length: > ResultBytesMax } =>
            new SagaEvent.Refused(TooLarge(step, answer.Result.Length), MayPass: false, InDoubt: true),
        _ => new SagaEvent.Done(answer.Result, externalId is null ? null : StoredText.Of(externalId)),
    };

    public static SagaEvent.Refused Refused(Fault fault)
    {
        var mayPass = fault.Kind is FaultKind.Unavailable or FaultKind.Throttled or FaultKind.Exhausted;
        return new SagaEvent.Refused(fault with { Message = Clean(fault.Message) }, mayPass, InDoubt: mayPass);
    }

    private static Fault TooLarge(StepDefinition step, int bytes) =>
        Fault.Invalid($"The result of step '{step.Name}' has {bytes} bytes; at most {ResultBytesMax} are kept.");

    private static bool MayPass(Exception exception) => exception is
        NpgsqlException { IsTransient: true } or HttpRequestException or SocketException or IOException or TimeoutException
        or OperationCanceledException;

    private static string Clean(string message) => StoredText.Of(message, MessageLengthMax);
}
