using Fury.Catalog.Contracts;
using Fury.Kernel;
using Fury.Sdk;
using Fury.Sdk.Drivers;
using Fury.Sdk.Drivers.Postgres;
using Fury.Sdk.Drivers.RabbitMq;
using Fury.Sdk.Files;
using Fury.Sdk.Moving;
using ServiceKind = Fury.Catalog.Contracts.ServiceKind;

namespace Fury.Services;

/// <summary>
/// The drivers by which this host itself reaches the services of applications. What a route's credential names is a variable of the host's own environment.
/// What is in the memory or on the disk of one machine is not among them: other hosts do not reach it.
/// </summary>
internal sealed class HostDrivers(IEnumerable<IDriverFactory> factories, TimeProvider clock)
{
    private const string Variables = "env:";

    private readonly Dictionary<(Sdk.ServiceKind Kind, string Driver), IDriverFactory> _factories =
        factories.GroupBy(each => (each.Kind, each.Provider)).ToDictionary(each => each.Key, each => each.Last());

    /// <summary>Those of the SDK that reach a provider over the network.</summary>
    public static IEnumerable<IDriverFactory> OfSdk { get; } =
    [
        .. FuryHosting.Providers.Except(FilesProvider.Factories),
        .. new PostgresProvider(Postgres).Factories,
        .. new RabbitMqProvider(RabbitMq).Factories,
    ];

    public IEnumerable<IDriverFactory> Factories => _factories.Values;

    /// <summary>The names of drivers that there are for a kind, in their order.</summary>
    public IReadOnlyList<string> For(ServiceKind kind) =>
        [.. _factories.Keys.Where(each => each.Kind == kind.ToSdk()).Select(each => each.Driver).Order(StringComparer.Ordinal)];

    /// <exception cref="FuryException">There is no such driver, or the route names what is not there.</exception>
    public async Task<IDriver> Open(BoundService service, ServiceRoute route, CancellationToken cancellation)
    {
        if (!_factories.TryGetValue((service.Kind.ToSdk(), route.Driver), out var factory))
        {
            throw new FuryException(
                FuryErrorCode.NotBound,
                $"The host has no driver '{route.Driver}' for {Word.Of(service.Kind)}; it has {string.Join(", ", For(service.Kind))}.");
        }

        var open = route.ToSdk();
        var context = new DriverContext(service.Service.Value, MovingDrivers.OfDriver(open), clock);
        return MovingDrivers.AfterMove(open, await factory.OpenAsync(context, cancellation));
    }

    private static string Postgres(DriverContext context) => Opening(
        context, "PostgreSQL", "postgres://10.0.0.5:5432/shop", text => text, (endpoint, user, password) => new Npgsql.NpgsqlConnectionStringBuilder
        {
            Host = endpoint.Host,
            Port = endpoint.Port > 0 ? endpoint.Port : 5432,
            Database = endpoint.AbsolutePath.Trim('/') is { Length: > 0 } database ? database : context.Route.Resource,
            Username = user,
            Password = password,
        }.ConnectionString);

    private static Uri RabbitMq(DriverContext context) => Opening(
        context, "RabbitMQ", "amqp://10.0.0.5:5672/shop", Address, (endpoint, user, password) =>
            new UriBuilder(endpoint) { UserName = Uri.EscapeDataString(user), Password = Uri.EscapeDataString(password) }.Uri);

    /// <summary>Never shown: it has a password in it.</summary>
    private static Uri Address(string text) => Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "amqp" or "amqps"
        ? address
        : throw Failure.Invalid(
            "The variable that the route's credential names holds no address; right is one such as amqp://user:password@10.0.0.5:5672/shop.");

    /// <summary>
    /// What opens a provider that has users: one variable has the whole of it, or the endpoint says where it is and two variables are the user and the
    /// password.
    /// </summary>
    private static T Opening<T>(DriverContext context, string provider, string example, Func<string, T> whole, Func<Uri, string, string, T> parts)
    {
        var names = context.Route.Credential is { } text && text.StartsWith(Variables, StringComparison.Ordinal) ? text[Variables.Length..].Split(',') : [];
        return (names, context.Route.Endpoint) switch
        {
            ([var one], _) => whole(Value(one)),
            ([var user, var password], { Host.Length: > 0 } endpoint) => parts(endpoint, Value(user), Value(password)),
            _ => throw Failure.Invalid(
                $"A route to {provider} names one variable with the whole connection string (env:CONNECTION), or an endpoint such as {example} and the "
                + "variables with user and password (env:USER,PASSWORD)."),
        };

        static string Value(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value
            ? value
            : throw new FuryException(FuryErrorCode.Unauthenticated, $"The variable {name}, which the route's credential names, is not set on the host.");
    }
}
