namespace Fury.Sdk.Drivers.Postgres;

/// <summary>
/// PostgreSQL 14 or newer: key-value, queues, topics, streams, locks and sequences, in tables of the schema <c>fury_sdk</c>, which the first binding makes.
/// The resource of a binding tells services in one database apart.
/// </summary>
/// <param name="connectionString">For a binding's route, whose credential it includes; nobody logs it.</param>
public sealed class PostgresProvider(Func<DriverContext, string> connectionString)
{
    /// <summary>As it is named in bindings.</summary>
    public const string Name = "postgres";

    public IReadOnlyList<IDriverFactory> Factories =>
    [
        Of(ServiceKind.KeyValue, (context, text) => new PostgresKeyValue(context, text)),
        Of(ServiceKind.Queue, (context, text) => new PostgresQueue(context, text)),
        Of(ServiceKind.Topic, (context, text) => new PostgresTopic(context, text)),
        Of(ServiceKind.Stream, (context, text) => new PostgresStream(context, text)),
        Of(ServiceKind.Locks, (context, text) => new PostgresLocks(context, text)),
        Of(ServiceKind.Sequences, (context, text) => new PostgresSequences(context, text)),
    ];

    private DriverFactory Of(ServiceKind kind, Func<DriverContext, string, IDriver> make) =>
        new(kind, Name, (context, _) => ValueTask.FromResult(make(context, connectionString(context))));
}
