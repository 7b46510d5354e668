using Fury.Sdk.Drivers;
using Fury.Sdk.KeyValue;
using Fury.Sdk.Testing;

namespace Fury.Sdk.Tests.Mutants;

/// <summary>A local provider that breaks one promise, and the test that must notice.</summary>
/// <param name="Break">A fresh one for each run.</param>
internal sealed record Mutant(string Name, string KilledBy, Func<DriverInterceptor> Break)
{
    /// <summary>Changes what the driver is asked.</summary>
    public static Mutant Asking(string name, string operation, string killedBy, Action<object?[]> change) => new(
        name,
        killedBy,
        () => async (call, next) =>
        {
            if (call.Operation == operation)
            {
                change(call.Arguments);
                // A provider in memory answers at once: without this nobody would meet anybody in a race.
                await Task.Yield();
            }

            return await next();
        });

    /// <summary>Changes what the driver answers.</summary>
    public static Mutant Answering(string name, string operation, string killedBy, Func<object?, object?[], object?> change) => new(
        name, killedBy, () => async (call, next) => call.Operation == operation ? change(await next(), call.Arguments) : await next());

    /// <summary>Answers without having done anything.</summary>
    public static Mutant Lazy(string name, string operation, string killedBy, Func<object?[], object?> answer) => new(
        name, killedBy, () => (call, next) => call.Operation == operation ? ValueTask.FromResult(answer(call.Arguments)) : next());

    /// <summary>Changes a write of a key-value store.</summary>
    public static Mutant Writing(string name, string killedBy, Func<KvStep, KvStep> change) =>
        Asking(name, nameof(IKeyValueDriver.WriteAsync), killedBy, arguments => arguments[0] = change((KvStep)arguments[0]!));

    /// <summary>Changes a message as it is sent.</summary>
    public static Mutant Sending(string name, string killedBy, Func<DriverMessage, DriverMessage> change) =>
        Asking(name, nameof(IQueueDriver.SendAsync), killedBy, arguments => arguments[0] = change((DriverMessage)arguments[0]!));

    /// <summary>Changes messages as they are given.</summary>
    public static Mutant Giving(string name, string killedBy, Func<DriverDelivery, DriverDelivery> change) => Answering(
        name, nameof(IQueueDriver.ReceiveAsync), killedBy, (answer, _) => ((IReadOnlyList<DriverDelivery>)answer!).Select(change).ToList());

    public static Mutant Scanning(string name, string killedBy, Func<List<KvItem>, IEnumerable<KvItem>> change) => Answering(
        name, nameof(IKeyValueDriver.ScanAsync), killedBy, (answer, _) => change([.. (IReadOnlyList<KvItem>)answer!]).ToList());

    public static KvKey Glued(KvKey key) => new(key.Partition + key.Sort);

    public override string ToString() => Name;
}
