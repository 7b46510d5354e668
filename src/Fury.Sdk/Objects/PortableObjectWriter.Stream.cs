using System.Buffers;

namespace Fury.Sdk.Objects;

/// <summary>What a stream must have besides writing.</summary>
internal sealed partial class PortableObjectWriter
{
    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => !_over;

    public override long Length => _sent + _filled;

    public override long Position
    {
        get => Length;
        set => throw new NotSupportedException();
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <summary>For code that knows no other; it blocks its thread while a part is sent.</summary>
    public override void Write(byte[] buffer, int offset, int count) =>
        WriteAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    /// <summary>Nothing: parts are sent when they are full, and nothing is seen before the commit.</summary>
    public override void Flush()
    {
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override async ValueTask DisposeAsync()
    {
        try
        {
            await AbortAsync();
        }
        catch (FuryException)
        {
            // The parts are left to the provider's own clean-up of unfinished uploads.
        }

        await base.DisposeAsync();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_over)
        {
            // Without await nothing can be aborted; nothing is seen of it either.
            End();
        }

        base.Dispose(disposing);
    }

    private void MustBeOpen() => ObjectDisposedException.ThrowIf(_over, this);

    private void End()
    {
        _over = true;
        _hash?.Dispose();
        if (_part is not null)
        {
            ArrayPool<byte>.Shared.Return(_part);
            _part = null;
        }

        _generation.Exit();
    }
}
