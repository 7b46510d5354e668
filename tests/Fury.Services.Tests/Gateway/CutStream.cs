namespace Fury.Services.Tests.Gateway;

/// <summary>Bytes that end in the middle: after so many of them this is done, and then nothing comes or goes any more.</summary>
internal sealed class CutStream(Stream inner, long bytes, Action cut) : Stream
{
    private long _left = bytes;

    public override bool CanRead => inner.CanRead;

    public override bool CanSeek => false;

    public override bool CanWrite => inner.CanWrite;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await inner.ReadAsync(buffer[..(int)Math.Clamp(_left, 1, buffer.Length)], cancellationToken);
        Count(read);
        return read;
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await inner.WriteAsync(buffer[..(int)Math.Min(buffer.Length, Math.Max(_left, 0))], cancellationToken);
        await inner.FlushAsync(cancellationToken);
        Count(buffer.Length);
    }

    public override void Flush() => inner.Flush();

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private void Count(int count)
    {
        _left -= count;
        if (_left < 0)
        {
            cut();
            throw new IOException("It was cut off.");
        }
    }
}
