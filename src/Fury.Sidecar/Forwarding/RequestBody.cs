using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Fury.Sidecar.Forwarding;

/// <summary>A request's body, and whether it can be sent once more.</summary>
internal sealed class RequestBody
{
    /// <summary>Bodies of a known length up to this many bytes are held, so that they can be sent again.</summary>
    public const int HeldBytesMax = 64 * 1024;

    /// <summary>Kestrel's own bound.</summary>
    private const int ReadAheadBytesMax = 1 << 20;

    private static readonly RequestBody None = new();

    private readonly byte[]? _held;
    private readonly UnreadStream? _unread;

    private RequestBody()
    {
    }

    private RequestBody(byte[] held) => _held = held;

    private RequestBody(UnreadStream unread) => _unread = unread;

    /// <summary>There is none, it is held, or none of it was read yet.</summary>
    public bool CanReplay => _unread is not { WasRead: true };

    /// <summary>Bytes that are held in memory, at most: of a body that is streamed the server reads so much ahead.</summary>
    public int HeldBytes => _held?.Length ?? (_unread is null ? 0 : ReadAheadBytesMax);

    /// <summary>Reads a small body whole; puts a watch on a large one, or on one of unknown length, which is streamed.</summary>
    public static async ValueTask<RequestBody> Take(HttpContext context)
    {
        if (context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false })
        {
            return None;
        }

        if (context.Request.ContentLength is { } length and <= HeldBytesMax)
        {
            var held = GC.AllocateUninitializedArray<byte>((int)length);
            await context.Request.Body.ReadExactlyAsync(held, context.RequestAborted);
            return new(held);
        }

        var unread = new UnreadStream(context.Request.Body);
        context.Request.Body = unread;
        return new(unread);
    }

    /// <summary>Before each attempt.</summary>
    public void Rewind(HttpContext context)
    {
        if (_held is not null)
        {
            context.Request.Body = new MemoryStream(_held, writable: false);
        }
    }

    /// <summary>Passes reads on, and remembers that there was one.</summary>
    private sealed class UnreadStream(Stream inner) : Stream
    {
        public bool WasRead { get; private set; }

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            WasRead = true;
            return inner.ReadAsync(buffer, cancellationToken);
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
