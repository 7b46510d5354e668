using System.Text.Json.Serialization;
using Fury.Sdk.Caching;
using Fury.Sdk.Checks;
using Fury.Sdk.Configuration;
using Fury.Sdk.Coordination;
using Fury.Sdk.Drivers;
using Fury.Sdk.KeyValue;
using Fury.Sdk.Messaging;
using Fury.Sdk.Objects;
using Fury.Sdk.Secrets;
using Fury.Sdk.Streams;

namespace Fury.Sdk.Hosting;

/// <summary>A declared service: what is needed, the way to whatever is bound, and the handle that the application has.</summary>
internal sealed record DeclaredService(ServiceNeed Need, IServiceChannel Channel, object Handle);

/// <summary>All declared services of an application.</summary>
internal sealed class FuryRuntime(TimeProvider clock) : IFury, IAsyncDisposable
{
    private readonly Dictionary<(ServiceKind Kind, string Name), DeclaredService> _services = [];

    public IReadOnlyCollection<DeclaredService> Services => _services.Values;

    private readonly List<(ServiceNeed Need, ClaimCheck Check)> _checks = [];

    /// <summary>Of all queues and topics that keep large bodies elsewhere.</summary>
    public IReadOnlyCollection<ClaimCheck> ClaimChecks => [.. _checks.Select(each => each.Check)];

    /// <summary>Once all are declared.</summary>
    /// <exception cref="FuryException">A bucket is named that is none.</exception>
    public void CheckBuckets()
    {
        foreach (var (need, _) in _checks.Where(each => Find(ServiceKind.Objects, each.Need.LargeBodies!.Bucket) is null))
        {
            throw Failure.Invalid(
                $"'{need.Name}' keeps large bodies in {Check.Show(need.LargeBodies!.Bucket)}, which is not declared; add it by AddObjects, or name another.");
        }
    }

    public void Add(ServiceNeed need, JsonSerializerContext? types)
    {
        if (_services.ContainsKey((need.Kind, need.Name)))
        {
            throw Failure.Invalid($"The service {Check.Show(need.Name)} of kind {need.Kind} is declared twice; once is right.");
        }

        _services[(need.Kind, need.Name)] = need.Kind switch
        {
            ServiceKind.Objects => Make<IObjectDriver>(need, channel => new PortableObjectBucket(channel)),
            ServiceKind.KeyValue => Make<IKeyValueDriver>(need, channel => new PortableKeyValueStore(channel)),
            ServiceKind.Queue => Make<IQueueDriver>(need, channel => new PortableMessageQueue(channel, need.Queue, Large(need))),
            ServiceKind.Topic => Make<ITopicDriver>(need, channel => new PortableMessageTopic(channel, Large(need))),
            ServiceKind.Stream => Make<IStreamDriver>(need, channel => new PortableEventStream(channel)),
            ServiceKind.Cache => Make<ICacheDriver>(need, channel => new PortableCache(channel, types)),
            ServiceKind.Secrets => Make<ISecretDriver>(need, channel => new PortableSecretVault(channel)),
            ServiceKind.Configuration => Make<IConfigurationDriver>(need, channel => new PortableConfigurationService(channel)),
            ServiceKind.Locks => Make<ILockDriver>(need, channel => new PortableLockService(channel)),
            _ => Make<ISequenceDriver>(need, channel => new PortableSequenceService(channel)),
        };
    }

    public DeclaredService? Find(ServiceKind kind, string name) => _services.GetValueOrDefault((kind, name));

    public ObjectBucket Objects(string name) => (ObjectBucket)Handle(ServiceKind.Objects, name);

    public KeyValueStore KeyValue(string name) => (KeyValueStore)Handle(ServiceKind.KeyValue, name);

    public MessageQueue Queue(string name) => (MessageQueue)Handle(ServiceKind.Queue, name);

    public MessageTopic Topic(string name) => (MessageTopic)Handle(ServiceKind.Topic, name);

    public EventStream Stream(string name) => (EventStream)Handle(ServiceKind.Stream, name);

    public FuryCache Cache(string name) => (FuryCache)Handle(ServiceKind.Cache, name);

    public SecretVault Secrets(string name) => (SecretVault)Handle(ServiceKind.Secrets, name);

    public ConfigurationService Configuration(string name) => (ConfigurationService)Handle(ServiceKind.Configuration, name);

    public LockService Locks(string name) => (LockService)Handle(ServiceKind.Locks, name);

    public SequenceService Sequences(string name) => (SequenceService)Handle(ServiceKind.Sequences, name);

    public async ValueTask DisposeAsync()
    {
        foreach (var service in _services.Values)
        {
            await service.Channel.DisposeAsync();
        }
    }

    private DeclaredService Make<TDriver>(ServiceNeed need, Func<ServiceChannel<TDriver>, object> handle)
        where TDriver : class, IDriver
    {
        var channel = new ServiceChannel<TDriver>(need.Name, need.Kind, clock);
        return new DeclaredService(need, channel, handle(channel));
    }

    private ClaimCheck? Large(ServiceNeed need)
    {
        if (need.LargeBodies is not { } options)
        {
            return null;
        }

        var check = new ClaimCheck(options, () => Objects(options.Bucket), need.Name, clock);
        _checks.Add((need, check));
        return check;
    }

    private object Handle(ServiceKind kind, string name)
    {
        if (Find(kind, name) is { } service)
        {
            return service.Handle;
        }

        var declared = _services.Keys.Where(each => each.Kind == kind).Select(each => each.Name).Order().DefaultIfEmpty("none");
        throw Failure.Invalid(
            $"No service {Check.Show(name)} of kind {kind} is declared; declared are {string.Join(", ", declared)}. Add it to AddFury().");
    }
}
