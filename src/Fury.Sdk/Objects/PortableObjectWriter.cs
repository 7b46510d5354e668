using System.Buffers;
using System.Security.Cryptography;
using Fury.Sdk.Drivers;

namespace Fury.Sdk.Objects;

/// <summary>Gathers parts and sends them; what fits into one part is sent whole. One part is in memory.</summary>
internal sealed partial class PortableObjectWriter : ObjectWriter
{
    private static readonly Operation Begin = new("begin-upload", Effect.Idempotent);
    private static readonly Operation SendPart = new("upload-part", Effect.Idempotent);
    private static readonly Operation Commit = new("write", Effect.Recognised);
    private static readonly Operation Abort = new("abort-upload", Effect.Idempotent);

    private readonly ServiceChannel<IObjectDriver> _channel;
    private readonly Generation<IObjectDriver> _generation;
    private readonly PortableObjectBucket _bucket;
    private readonly ObjectWish _wish;
    private readonly ObjectHeaders? _headers;
    private readonly ObjectWriteOptions? _options;
    private readonly IncrementalHash? _hash;
    private readonly List<string> _tags = [];
    private readonly byte[] _next = new byte[1];
    private string? _upload;

    /// <summary>Where all of it comes from, when that is an object of ours: what is sent is held against what was written there.</summary>
    private ObjectProperties? _source;
    private byte[]? _part;
    private int _hashedParts;
    private int _filled;
    private long _sent;
    private bool _over;

    public PortableObjectWriter(
        ServiceChannel<IObjectDriver> channel, PortableObjectBucket bucket, ObjectWish wish, ObjectHeaders headers, ObjectWriteOptions? options)
    {
        (_channel, _bucket, _wish, _headers, _options) = (channel, bucket, wish, headers, options);
        _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        _generation = channel.Enter();
    }

    /// <summary>Goes on with an upload. What was sent before is not at hand, so the object has no checksum.</summary>
    public PortableObjectWriter(ServiceChannel<IObjectDriver> channel, PortableObjectBucket bucket, ResumeToken token)
    {
        (_channel, _bucket, _wish, _upload, _sent) = (channel, bucket, token.Wish, token.Upload, token.Sent);
        _tags.AddRange(token.Tags);
        _generation = channel.Enter();
        if (_generation.Driver.Provider != token.Provider)
        {
            _generation.Exit();
            throw Failure.Invalid(
                $"resumeToken is of an upload to '{token.Provider}', and the bucket is now with '{_generation.Driver.Provider}'; begin again.");
        }
    }

    public override string? ResumeToken => _upload is null ? null : new ResumeToken(
        _wish.Key, _upload, _tags, _sent, _wish.WriteId, _wish.Condition.Rule, _wish.Condition.Match.Value ?? "", _wish.Fence,
        _generation.Driver.Provider).Encode();

    public override long Resumable => _sent;

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        MustBeOpen();
        while (!buffer.IsEmpty)
        {
            var size = ObjectParts.Size(_tags.Count + 1);
            if (_filled == size)
            {
                await FlushPart(cancellationToken);
                continue;
            }

            _part ??= ArrayPool<byte>.Shared.Rent(size);
            var taken = Math.Min(size - _filled, buffer.Length);
            buffer[..taken].CopyTo(_part.AsMemory(_filled));
            _filled += taken;
            buffer = buffer[taken..];
        }
    }

    /// <summary>
    /// Takes a stream to its end, into the parts without a copy between. An object that is read whole is hashed once, here, and not as it is read.
    /// </summary>
    internal async Task Fill(Stream content, CancellationToken cancellation)
    {
        MustBeOpen();
        if ((content as VerifyingStream)?.HandOver() is { } whole)
        {
            (content, _source) = whole;
        }

        while (true)
        {
            var size = ObjectParts.Size(_tags.Count + 1);
            _part ??= ArrayPool<byte>.Shared.Rent(size);
            // A part that is full is sent when there is more: what fits into one is not sent in parts.
            var count = await content.ReadAsync(_filled < size ? _part.AsMemory(_filled, size - _filled) : _next, cancellation);
            if (count == 0)
            {
                return;
            }

            if (_filled == size)
            {
                await FlushPart(cancellation);
                _part ??= ArrayPool<byte>.Shared.Rent(ObjectParts.Size(_tags.Count + 1));
                _part[0] = _next[0];
            }

            _filled += count;
        }
    }

    public override async Task<ObjectProperties> CommitAsync(CancellationToken cancellationToken = default)
    {
        MustBeOpen();
        var part = _part.AsMemory(0, _filled);
        if (_upload is null)
        {
            var written = await _bucket.PutWhole(_wish, _headers!, part, _options, cancellationToken, _source);
            End();
            return written;
        }

        if (_filled > 0)
        {
            await FlushPart(cancellationToken);
        }

        var sha = _hash?.GetCurrentHash() ?? ReadOnlyMemory<byte>.Empty;
        if (_hash is not null)
        {
            PortableObjectBucket.Verify(sha, _options);
            if (_source is not null)
            {
                VerifyingStream.Verify(_sent, sha.Span, _source);
            }
        }

        var committed = await Invoke(
            Commit,
            (_wish, Upload: _upload, Tags: _tags, sha, _channel.Clock),
            static (driver, call, state, stop) => ObjectCommit.Run(
                driver,
                call,
                state._wish,
                (condition, token) => driver.CommitUploadAsync(state._wish.Key, state.Upload, state.Tags, state.sha, condition, token),
                state.Clock,
                stop),
            cancellationToken);
        End();
        return committed;
    }

    public override async Task AbortAsync(CancellationToken cancellationToken = default)
    {
        if (_over)
        {
            return;
        }

        try
        {
            if (_upload is not null)
            {
                await Invoke(
                    Abort,
                    (_wish.Key, Upload: _upload),
                    static async (driver, _, state, stop) =>
                    {
                        await driver.AbortUploadAsync(state.Key, state.Upload, stop);
                        return true;
                    },
                    cancellationToken);
            }
        }
        finally
        {
            End();
        }
    }

    public override void Suspend()
    {
        MustBeOpen();
        End();
    }

    private async Task FlushPart(CancellationToken cancellation)
    {
        _upload ??= await Invoke(
            Begin,
            (_wish.Key, Headers: _headers!),
            static (driver, _, state, stop) => driver.BeginUploadAsync(state.Key, state.Headers, stop),
            cancellation);
        var bytes = _part.AsMemory(0, _filled);
        // A part that is full stays as it is, also when it has to be sent once more: it is hashed while it is sent, and once.
        var isFull = _filled == ObjectParts.Size(_tags.Count + 1);
        var hashing = isFull ? Task.Run(() => Hash(bytes), CancellationToken.None) : Task.CompletedTask;
        string tag;
        try
        {
            tag = await Invoke(
                SendPart,
                (_wish.Key, Upload: _upload, Number: _tags.Count + 1, bytes),
                static (driver, _, state, stop) => driver.UploadPartAsync(state.Key, state.Upload, state.Number, state.bytes, stop),
                cancellation,
                ObjectParts.Time(_filled));
        }
        finally
        {
            await hashing;
        }

        Hash(bytes);
        _tags.Add(tag);
        _sent += _filled;
        _filled = 0;
        if (ObjectParts.Size(_tags.Count + 1) > _part!.Length)
        {
            ArrayPool<byte>.Shared.Return(_part);
            _part = null;
        }
    }

    /// <summary>The next part, unless it is done.</summary>
    private void Hash(ReadOnlyMemory<byte> part)
    {
        if (_hashedParts == _tags.Count)
        {
            _hash?.AppendData(part.Span);
            _hashedParts++;
        }
    }

    private ValueTask<TResult> Invoke<TState, TResult>(
        Operation operation, TState state, Func<IObjectDriver, Call, TState, CancellationToken, ValueTask<TResult>> body,
        CancellationToken cancellation, TimeSpan extra = default) =>
        _channel.InvokeOn(_generation, operation, _options, state, body, cancellation, extra);
}
