using Fury.Sdk.Drivers;

namespace Fury.Sdk.Objects;

/// <summary>An open object that keeps its generation alive until it is disposed.</summary>
internal sealed class PortableDownload(DriverObject opened, ObjectProperties properties, ObjectReadOptions? options, Action done) : ObjectDownload
{
    private bool _disposed;

    public override ObjectProperties Properties { get; } = properties;

    public override bool NotModified { get; } = options?.IfNoneMatch is { } known && known == properties.ETag;

    public override Stream Content { get; } =
        options is { Offset: > 0 } or { Length: not null } || properties.Sha256.IsEmpty
            ? opened.Content
            : new VerifyingStream(opened.Content, properties);

    public override async ValueTask DisposeAsync()
    {
        if (!_disposed)
        {
            _disposed = true;
            await opened.DisposeAsync();
            done();
        }
    }
}
