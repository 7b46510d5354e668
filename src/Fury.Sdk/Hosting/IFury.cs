using Fury.Sdk.Caching;
using Fury.Sdk.Configuration;
using Fury.Sdk.Coordination;
using Fury.Sdk.KeyValue;
using Fury.Sdk.Messaging;
using Fury.Sdk.Objects;
using Fury.Sdk.Secrets;
using Fury.Sdk.Streams;

namespace Fury.Sdk;

/// <summary>
/// The application's services by the names under which it declared them. The same handles are keyed services:
/// <c>[FromKeyedServices("carts")] KeyValueStore carts</c>. A name that was not declared is <see cref="FuryErrorCode.InvalidArgument"/>.
/// </summary>
public interface IFury
{
    ObjectBucket Objects(string name);

    KeyValueStore KeyValue(string name);

    MessageQueue Queue(string name);

    MessageTopic Topic(string name);

    EventStream Stream(string name);

    FuryCache Cache(string name);

    SecretVault Secrets(string name = FuryBuilder.SecretsName);

    ConfigurationService Configuration(string name = FuryBuilder.ConfigurationName);

    LockService Locks(string name = FuryBuilder.LocksName);

    SequenceService Sequences(string name = FuryBuilder.SequencesName);
}
