using Fury.Sdk.Aws;
using Fury.Sdk.Azure;
using Fury.Sdk.Bindings;
using Fury.Sdk.Bindings.Platform;
using Fury.Sdk.Drivers;
using Fury.Sdk.DynamoDb;
using Fury.Sdk.Etcd;
using Fury.Sdk.Files;
using Fury.Sdk.Gateway;
using Fury.Sdk.Gcs;
using Fury.Sdk.Google;
using Fury.Sdk.Hosting;
using Fury.Sdk.Kinesis;
using Fury.Sdk.Local;
using Fury.Sdk.Messaging;
using Fury.Sdk.Nats;
using Fury.Sdk.PubSub;
using Fury.Sdk.Redis;
using Fury.Sdk.S3;
using Fury.Sdk.Secrets.Stores;
using Fury.Sdk.Sns;
using Fury.Sdk.Sqs;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Fury.Sdk;

public static class FuryHosting
{
    /// <summary>Of all providers that this package speaks to.</summary>
    internal static IReadOnlyList<IDriverFactory> Providers { get; } =
    [
        .. AwsSecretsProvider.Factories,
        .. AzureBlobProvider.Factories,
        .. DynamoDbProvider.Factories,
        .. EtcdProvider.Factories,
        .. FilesProvider.Factories,
        .. GcsProvider.Factories,
        .. GoogleSecretsProvider.Factories,
        .. KeyVaultProvider.Factories,
        .. KinesisProvider.Factories,
        .. NatsProvider.Factories,
        .. PubSubProvider.Factories,
        .. RedisProvider.Factories,
        .. S3Provider.Factories,
        .. SnsProvider.Factories,
        .. SqsProvider.Factories,
    ];

    /// <summary>
    /// Makes the application's cloud services available. Declare them on what is returned. What stands behind them
    /// is said by the file of <c>FURY_BINDINGS_FILE</c>, else by the platform that started this instance; without either all of them are in this process.
    /// </summary>
    public static FuryBuilder AddFury(this IHostApplicationBuilder builder, Action<FuryOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Services.AddFury(configure);
    }

    /// <inheritdoc cref="AddFury(IHostApplicationBuilder,Action{FuryOptions})"/>
    public static FuryBuilder AddFury(this IServiceCollection services, Action<FuryOptions>? configure = null)
    {
        var options = new FuryOptions();
        configure?.Invoke(options);
        var fury = new FuryBuilder(services);
        services.TryAddSingleton(provider => Source(options, provider));
        services.TryAddSingleton(provider => new LocalProvider(Clock(provider)));
        services.AddSingleton(provider => fury.Build(Clock(provider)));
        services.AddSingleton<IFury>(provider => provider.GetRequiredService<FuryRuntime>());
        services.AddSingleton(provider => new Binder(
            [
                .. provider.GetRequiredService<LocalProvider>().Factories,
                .. Providers,
                .. File(options) is null && PlatformPlace.Read(options.Variable) is { } place ? OfPlatform(place) : [],
                .. provider.GetServices<IDriverFactory>(),
            ],
            Clock(provider),
            options.DrainTimeout));
        services.AddSingleton<IHostedService>(provider => new BindingLoop(
            provider.GetRequiredService<FuryRuntime>(),
            provider.GetRequiredService<Binder>(),
            provider.GetRequiredService<IBindingSource>(),
            options,
            Clock(provider)));
        services.AddSingleton<IHostedService>(provider =>
            new ClaimCheckSweeper(() => provider.GetRequiredService<FuryRuntime>().ClaimChecks, Clock(provider)));
        return fury;
    }

    /// <summary>Those that ask the platform which has started this instance.</summary>
    private static IEnumerable<IDriverFactory> OfPlatform(PlatformPlace place) =>
        [.. GatewayProvider.Factories(place.Platform, place.Token), PlatformSecrets.Factory(place.Platform, place.Token)];

    private static IBindingSource Source(FuryOptions options, IServiceProvider services)
    {
        var log = services.GetService<ILoggerFactory>()?.CreateLogger("Fury.Sdk") ?? NullLogger.Instance;
        return File(options) is { } file
            ? new FileBindingSource(Path.GetFullPath(file), Clock(services), log)
            : PlatformPlace.Read(options.Variable) is { } place
            ? new PlatformBindingSource(place, PlatformHttp(), Clock(services), log)
            : new LocalBindingSource();
    }

    private static string? File(FuryOptions options) =>
        (options.BindingsFile ?? options.Variable(FileBindingSource.Variable)) is { Length: > 0 } file ? file : null;

    /// <summary>For as long as the process lives. Where the platform is may change, and its token goes nowhere else.</summary>
    private static HttpMessageInvoker PlatformHttp() => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        ConnectTimeout = TimeSpan.FromSeconds(2),
    });

    /// <summary>The application's clock, where it has registered one.</summary>
    internal static TimeProvider Clock(IServiceProvider services) => services.GetService<TimeProvider>() ?? TimeProvider.System;
}
