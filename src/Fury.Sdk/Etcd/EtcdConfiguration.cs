using System.Text;
using Fury.Sdk.Drivers;

namespace Fury.Sdk.Etcd;

/// <summary>A section is the key <c>RESOURCE/config/SECTION</c>, whose value is JSON; all are read at one revision of etcd, which is their version.</summary>
internal sealed class EtcdConfiguration(DriverContext context) : EtcdDriver(context), IConfigurationDriver
{
    public override CapabilitySet Declared { get; } = CapabilitySet.Native();

    private byte[] Prefix => Bytes($"{Resource}/config/");

    public async ValueTask<ConfigDocument> GetAsync(CancellationToken cancellation)
    {
        var prefix = Prefix;
        var found = await Range(new EtcdRange(prefix, After(prefix)), cancellation);
        return new ConfigDocument(
            found.Header!.Revision,
            found.Entries.ToDictionary(
                each => Encoding.UTF8.GetString(each.Key.AsSpan(prefix.Length)), each => (ReadOnlyMemory<byte>)each.Bytes));
    }

    public async ValueTask WaitAsync(long version, TimeSpan most, CancellationToken cancellation)
    {
        using var over = new CancellationTokenSource(most, Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, over.Token);
        try
        {
            await foreach (var _ in Watch(new EtcdWatchFrom(Prefix, After(Prefix), version + 1), either.Token))
            {
                return;
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // The time is over, which is what was waited for too.
        }
    }
}
