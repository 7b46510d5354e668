using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Fury.Sdk.Caching;
using Fury.Sdk.Checks;
using Fury.Sdk.Configuration;
using Fury.Sdk.Coordination;
using Fury.Sdk.Hosting;
using Fury.Sdk.KeyValue;
using Fury.Sdk.Messaging;
using Fury.Sdk.Objects;
using Fury.Sdk.Secrets;
using Fury.Sdk.Streams;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Fury.Sdk;

/// <summary>Declares the services of an application. Names are lower-case letters, digits and dashes.</summary>
public sealed class FuryBuilder
{
    public const string SecretsName = "app";
    public const string ConfigurationName = "app";
    public const string LocksName = "default";
    public const string SequencesName = "default";

    private readonly List<(ServiceNeed Need, JsonSerializerContext? Types)> _needs = [];

    internal FuryBuilder(IServiceCollection services) => Services = services;

    public IServiceCollection Services { get; }

    public ServiceNeed AddObjects(string name) => Add<ObjectBucket>(ServiceKind.Objects, name, fury => fury.Objects(name));

    public ServiceNeed AddKeyValue(string name) => Add<KeyValueStore>(ServiceKind.KeyValue, name, fury => fury.KeyValue(name));

    /// <summary>A queue, or as <c>topic/subscription</c> a subscription.</summary>
    public ServiceNeed AddQueue(string name, QueueOptions? options = null)
    {
        MessageChecks.Queue(options ?? new QueueOptions());
        return Add<MessageQueue>(ServiceKind.Queue, name, fury => fury.Queue(name), options, large: options?.LargeBodies);
    }

    public ServiceNeed AddTopic(string name, TopicOptions? options = null)
    {
        options?.LargeBodies?.CheckAll();
        return Add<MessageTopic>(ServiceKind.Topic, name, fury => fury.Topic(name), large: options?.LargeBodies);
    }

    public ServiceNeed AddStream(string name) => Add<EventStream>(ServiceKind.Stream, name, fury => fury.Stream(name));

    /// <param name="types">How types are written as JSON, for the members that HybridCache has: a source-generated context.</param>
    public ServiceNeed AddCache(string name, JsonSerializerContext? types = null) =>
        Add<FuryCache>(ServiceKind.Cache, name, fury => fury.Cache(name), types: types);

    public ServiceNeed AddSecrets(string name = SecretsName) => Add<SecretVault>(ServiceKind.Secrets, name, fury => fury.Secrets(name));

    public ServiceNeed AddConfiguration(string name = ConfigurationName) =>
        Add<ConfigurationService>(ServiceKind.Configuration, name, fury => fury.Configuration(name));

    public ServiceNeed AddLocks(string name = LocksName) => Add<LockService>(ServiceKind.Locks, name, fury => fury.Locks(name));

    public ServiceNeed AddSequences(string name = SequencesName) =>
        Add<SequenceService>(ServiceKind.Sequences, name, fury => fury.Sequences(name));

    /// <summary>Handles the messages of a declared queue for as long as the application runs.</summary>
    public FuryBuilder AddQueueHandler<T, [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] THandler>(
        string queue, JsonTypeInfo<T> json, QueueHandlerOptions? options = null)
        where THandler : class, IMessageHandler<T>
    {
        var given = options ?? new QueueHandlerOptions();
        Check.NotNull("json", json);
        Check.Between("MaxConcurrency", given.MaxConcurrency, 1, 1000);
        MessageChecks.Lease(given.Lease);
        Services.AddSingleton<THandler>();
        Services.AddSingleton<IHostedService>(services =>
        {
            var fury = services.GetRequiredService<IFury>();
            return new QueueHandlerService<T>(new QueueHandlerRunner<T>(
                fury.Queue(queue),
                given.Inbox is null ? null : fury.KeyValue(given.Inbox),
                json,
                services.GetRequiredService<THandler>,
                given,
                FuryHosting.Clock(services)));
        });
        return this;
    }

    internal FuryRuntime Build(TimeProvider clock)
    {
        var runtime = new FuryRuntime(clock);
        foreach (var (need, types) in _needs)
        {
            runtime.Add(need, types);
        }

        runtime.CheckBuckets();
        return runtime;
    }

    private ServiceNeed Add<THandle>(
        ServiceKind kind, string name, Func<IFury, THandle> handle, QueueOptions? queue = null, JsonSerializerContext? types = null,
        LargeBodyOptions? large = null)
        where THandle : class
    {
        var need = new ServiceNeed(kind, name) { Queue = queue ?? new QueueOptions(), LargeBodies = large };
        _needs.Add((need, types));
        Services.AddKeyedSingleton(name, (services, _) => handle(services.GetRequiredService<IFury>()));
        return need;
    }
}
