using Fury.Sdk.Drivers;

namespace Fury.Sdk.Gateway;

/// <summary>Secrets behind the gateway.</summary>
internal sealed class GatewaySecrets(GatewayLine line) : GatewayDriver(line), ISecretDriver
{
    public ValueTask<SecretVersion?> GetAsync(string name, string? version, CancellationToken cancellation) => Line.Ask(
        "get",
        new WireWriter().Text(name).Text(version),
        static from => from.Yes() ? new SecretVersion(from.Text(), from.Bytes(), from.Time()) : null,
        cancellation);

    public ValueTask<string> AddVersionAsync(string name, ReadOnlyMemory<byte> value, CancellationToken cancellation) => Line.Ask(
        "add", new WireWriter().Text(name).Bytes(value), static from => from.Text(), cancellation);

    public async ValueTask<IReadOnlyList<string>> ListAsync(string? after, int limit, CancellationToken cancellation) => await Line.Ask(
        "list", new WireWriter().Text(after).Number(limit), static from => from.List(static each => each.Text()), cancellation);

    public ValueTask<byte[]> EncryptAsync(
        string key, ReadOnlyMemory<byte> plaintext, ReadOnlyMemory<byte> associatedData, CancellationToken cancellation) => Line.Ask(
        "encrypt", new WireWriter().Text(key).Bytes(plaintext).Bytes(associatedData), static from => from.Bytes().ToArray(), cancellation);

    public ValueTask<byte[]?> DecryptAsync(
        string key, ReadOnlyMemory<byte> ciphertext, ReadOnlyMemory<byte> associatedData, CancellationToken cancellation) => Line.Ask(
        "decrypt", new WireWriter().Text(key).Bytes(ciphertext).Bytes(associatedData), static from => from.BytesOrNull()?.ToArray(), cancellation);
}

/// <summary>Configuration behind the gateway.</summary>
internal sealed class GatewayConfiguration(GatewayLine line) : GatewayDriver(line), IConfigurationDriver
{
    public ValueTask<ConfigDocument> GetAsync(CancellationToken cancellation) => Line.Ask(
        "get",
        new WireWriter(),
        static from => new ConfigDocument(
            from.Number(), from.List(static each => (Section: each.Text(), Json: each.Bytes())).ToDictionary(each => each.Section, each => each.Json)),
        cancellation);

    public async ValueTask WaitAsync(long version, TimeSpan most, CancellationToken cancellation) =>
        await Line.Do("wait", new WireWriter().Number(version).Span(most), cancellation);
}
