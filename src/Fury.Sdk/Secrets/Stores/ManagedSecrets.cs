using Fury.Sdk.Checks;
using Fury.Sdk.Drivers;

namespace Fury.Sdk.Secrets.Stores;

/// <summary>Secrets in the manager of a cloud. A page of a listing reads all names of the resource: the managers have orders of their own.</summary>
internal sealed class ManagedSecrets(string provider, ISecretStore store, SecretIds ids) : ISecretDriver
{
    public string Provider => provider;

    public bool EndsAtOnce => true;

    public CapabilitySet Declared { get; } = CapabilitySet.Native(SecretCapabilities.Write);

    public FuryException Translate(Exception error) => store.Translate(error);

    public async ValueTask ProbeAsync(CancellationToken cancellation) => await store.List(ids.Prefix, null, cancellation);

    public ValueTask<SecretVersion?> GetAsync(string name, string? version, CancellationToken cancellation) =>
        store.Read(ids.Encode(name), version, cancellation);

    public ValueTask<string> AddVersionAsync(string name, ReadOnlyMemory<byte> value, CancellationToken cancellation) => value.IsEmpty
        ? throw Failure.Invalid("The secret is empty; the managers of secrets of clouds keep 1 byte at least.")
        : store.Add(ids.Encode(name), value, cancellation);

    public async ValueTask<IReadOnlyList<string>> ListAsync(string? after, int limit, CancellationToken cancellation)
    {
        SortedSet<string> names = new(Utf8Order.Instance);
        string? from = null;
        do
        {
            var page = await store.List(ids.Prefix, from, cancellation);
            foreach (var id in page.Ids)
            {
                if (ids.Decode(id) is { Length: > 0 } name && (after is null || Utf8Order.Instance.Compare(name, after) > 0) && names.Add(name)
                    && names.Count > limit)
                {
                    names.Remove(names.Max!);
                }
            }

            from = page.Next;
        }
        while (from is not null);

        return [.. names];
    }

    public ValueTask DisposeAsync()
    {
        store.Dispose();
        return ValueTask.CompletedTask;
    }
}
