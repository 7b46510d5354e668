using Fury.Sdk.Bindings;
using Fury.Sdk.Conformance;
using Fury.Sdk.Drivers;
using Fury.Sdk.Drivers.Postgres;
using Fury.Sdk.Tests.Matrix;
using Fury.Testing;

namespace Fury.Sdk.Tests.Postgres;

/// <summary>A database of its own on the one PostgreSQL of the test process.</summary>
public sealed class PostgresUnderTest : IAsyncLifetime
{
    public string ConnectionString { get; private set; } = "";

    public async Task InitializeAsync() => ConnectionString = await TestPostgres.CreateDatabase() + ";Maximum Pool Size=8;Timeout=30";

    public Task DisposeAsync() => TestPostgres.DropDatabase(ConnectionString);
}

/// <summary>A real PostgreSQL keeps what its drivers say.</summary>
[RunsAgainst(PostgresProvider.Name, "a real PostgreSQL")]
public sealed class PostgresConformanceTests(PostgresUnderTest server) : IClassFixture<PostgresUnderTest>
{
    private static readonly ServiceKind[] Kinds =
    [
        ServiceKind.KeyValue, ServiceKind.Queue, ServiceKind.Topic, ServiceKind.Stream, ServiceKind.Locks, ServiceKind.Sequences,
    ];

    public static TheoryData<string> Names => [.. ConformanceSuite.Tests.Where(test => Kinds.Contains(test.Kind)).Select(test => test.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task PostgreSQL_keeps(string name)
    {
        var result = await ConformanceSuite.RunAsync(new Target(server.ConnectionString), ConformanceSuite.Tests.Single(test => test.Name == name));

        Assert.True(result.Verdict == ConformanceVerdict.Passed, result.Detail);
    }

    private sealed class Target(string connectionString) : ConformanceTarget
    {
        public override string Name => "postgres";

        public override IReadOnlyList<IDriverFactory> Factories { get; } = new PostgresProvider(_ => connectionString).Factories;

        public override ServiceRoute Route(ServiceKind kind, string resource) => new(PostgresProvider.Name, "direct", null, "local", resource);
    }
}
