using System.Collections.Frozen;
using Fury.Sdk;
using Fury.Sdk.Drivers;
using Fury.Sdk.Gateway;
using Fury.Services.Gateway.Operations;

namespace Fury.Services.Gateway;

/// <summary>What is asked of a driver, and what it says.</summary>
/// <param name="bytes">Of an object.</param>
internal sealed class GatewayCall(WireReader fields, ReadOnlyMemory<byte> bytes)
{
    public WireReader Fields => fields;

    public ReadOnlyMemory<byte> Bytes => bytes;

    public WireWriter Answer { get; } = new();

    /// <summary>The next field: how long the answer may wait for something.</summary>
    public TimeSpan Wait() => fields.Span() is var asked && asked < GatewayProtocol.WaitMax ? asked : GatewayProtocol.WaitMax;

    /// <summary>An object that was opened; its bytes follow the answer.</summary>
    public DriverObject? Content { get; private set; }

    /// <summary>How many bytes of it.</summary>
    public long ContentLength { get; private set; }

    /// <param name="length">As it was asked for; null: to the end.</param>
    public void Open(DriverObject? content, long offset, long? length)
    {
        Content = content;
        ContentLength = content is null ? 0 : Math.Max(0, Math.Min(length ?? long.MaxValue, content.Properties.Length - offset));
    }
}

/// <summary>Reads what is asked, asks the driver, writes what it says.</summary>
internal delegate ValueTask GatewayOperation(IDriver driver, GatewayCall call, CancellationToken stop);

/// <summary>All operations by their names.</summary>
internal static class GatewayOperations
{
    private static readonly FrozenDictionary<(ServiceKind Kind, string Name), GatewayOperation> All = new Dictionary<ServiceKind, NamedOperation[]>
    {
        [ServiceKind.KeyValue] = KeyValueOperations.All,
        [ServiceKind.Objects] = ObjectOperations.All,
        [ServiceKind.Queue] = QueueOperations.All,
        [ServiceKind.Topic] = QueueOperations.Topics,
        [ServiceKind.Stream] = StreamOperations.All,
        [ServiceKind.Cache] = CacheOperations.All,
        [ServiceKind.Locks] = CoordinationOperations.Locks,
        [ServiceKind.Sequences] = CoordinationOperations.Sequences,
        [ServiceKind.Secrets] = SecretOperations.Secrets,
        [ServiceKind.Configuration] = SecretOperations.Configuration,
    }
        .SelectMany(kind => kind.Value.Concat(OfAll), (kind, each) => (kind.Key, Operation: each))
        .ToFrozenDictionary(each => (each.Key, each.Operation.Name), each => each.Operation.Run);

    private static NamedOperation[] OfAll =>
    [
        NamedOperation.On<IDriver>(GatewayProtocol.Describe, (driver, call, _) =>
        {
            WireFailures.Write(call.Answer, driver.Declared);
            return ValueTask.CompletedTask;
        }),
        NamedOperation.On<IDriver>(GatewayProtocol.Probe, (driver, _, stop) => driver.ProbeAsync(stop)),
    ];

    public static GatewayOperation? Find(ServiceKind kind, string name) => All.GetValueOrDefault((kind, name));
}

/// <summary>One of a kind of service.</summary>
internal sealed record NamedOperation(string Name, GatewayOperation Run)
{
    public static NamedOperation On<TDriver>(string name, Func<TDriver, GatewayCall, CancellationToken, ValueTask> run)
        where TDriver : class, IDriver => new(name, (driver, call, stop) => run((TDriver)driver, call, stop));
}
