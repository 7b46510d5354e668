using Fury.Testing;

namespace Fury.Sdk.Tests.Conformance;

/// <summary>Those of objects, one after the other: emulators answer late where several want two cores.</summary>
[CollectionDefinition(Name)]
public sealed class ObjectServers
    : ICollectionFixture<CephServer>, ICollectionFixture<FauxqsServer>, ICollectionFixture<S3rverServer>, ICollectionFixture<AzuriteServer>
{
    public const string Name = "object servers";
}
