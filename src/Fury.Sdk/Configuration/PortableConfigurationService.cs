using System.Runtime.CompilerServices;
using System.Text.Json.Serialization.Metadata;
using Fury.Sdk.Checks;
using Fury.Sdk.Drivers;

namespace Fury.Sdk.Configuration;

internal sealed class PortableConfigurationService : ConfigurationService
{
    private static readonly Operation Get = new("get", Effect.Read);
    private static readonly Operation Wait = new("wait", Effect.Read);
    private static readonly TimeSpan WaitMost = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan AfterTrouble = TimeSpan.FromSeconds(5);

    private readonly ServiceChannel<IConfigurationDriver> _channel;

    public PortableConfigurationService(ServiceChannel<IConfigurationDriver> channel)
        : base(channel.Service)
    {
        _channel = channel;
        Follow(channel);
    }

    public override async ValueTask<ConfigSnapshot<T>?> GetAsync<T>(
        string section, JsonTypeInfo<T> json, CancellationToken cancellationToken = default)
    {
        Check.Key("section", section, 256);
        Check.NotNull("json", json);
        var document = await Read(cancellationToken);
        return Snapshot(document, section, json);
    }

    public override async IAsyncEnumerable<ConfigSnapshot<T>> WatchAsync<T>(
        string section, JsonTypeInfo<T> json, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        Check.Key("section", section, 256);
        Check.NotNull("json", json);
        ConfigSnapshot<T>? last = null;
        ReadOnlyMemory<byte> lastBytes = default;
        while (true)
        {
            var document = await ReadQuietly(cancellationToken);
            if (document is not null && document.Sections.TryGetValue(section, out var bytes)
                && (last is null || !bytes.Span.SequenceEqual(lastBytes.Span)))
            {
                lastBytes = bytes;
                yield return last = Snapshot(document, section, json)!;
            }

            await WaitQuietly(document?.Version ?? 0, cancellationToken);
        }
    }

    private static ConfigSnapshot<T>? Snapshot<T>(ConfigDocument document, string section, JsonTypeInfo<T> json)
        where T : class =>
        document.Sections.TryGetValue(section, out var bytes)
            ? new ConfigSnapshot<T>(Json.Read(bytes.Span, json, $"The section {Check.Show(section)}"), document.Version)
            : null;

    private ValueTask<ConfigDocument> Read(CancellationToken cancellation) =>
        _channel.Invoke(Get, null, 0, static (driver, _, _, stop) => driver.GetAsync(stop), cancellation);

    private async ValueTask<ConfigDocument?> ReadQuietly(CancellationToken cancellation)
    {
        try
        {
            return await Read(cancellation);
        }
        catch (FuryException trouble) when (trouble.IsTransient)
        {
            return null;
        }
    }

    private async Task WaitQuietly(long version, CancellationToken cancellation)
    {
        var generation = _channel.Enter();
        try
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, generation.Retiring);
            await _channel.InvokeOn(
                generation,
                Wait,
                null,
                version,
                static async (driver, _, seen, stop) =>
                {
                    await driver.WaitAsync(seen, WaitMost, stop);
                    return true;
                },
                either.Token,
                WaitMost);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // Another provider stands behind it now: look there.
        }
        catch (FuryException trouble) when (trouble.IsTransient)
        {
            await Task.Delay(AfterTrouble, _channel.Clock, cancellation);
        }
        finally
        {
            generation.Exit();
        }
    }
}
