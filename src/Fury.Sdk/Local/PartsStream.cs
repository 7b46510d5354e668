using Fury.Sdk.Objects;

namespace Fury.Sdk.Local;

/// <summary>Reads parts one after the other, from an offset on.</summary>
internal sealed class PartsStream : ReadOnlyStream
{
    private readonly IReadOnlyList<byte[]> _parts;
    private int _part;
    private int _at;
    private long _left;

    public PartsStream(IReadOnlyList<byte[]> parts, long offset, long? length)
    {
        _parts = parts;
        _left = Math.Max(0, Math.Min(length ?? long.MaxValue, parts.Sum(part => (long)part.Length) - offset));
        Length = _left;
        for (; _part < parts.Count && offset >= parts[_part].Length; _part++)
        {
            offset -= parts[_part].Length;
        }

        _at = (int)Math.Min(offset, int.MaxValue);
    }

    public override long Length { get; }

    public override long Position
    {
        get => Length - _left;
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        while (_left > 0 && _part < _parts.Count)
        {
            var rest = _parts[_part].AsSpan(_at);
            if (rest.IsEmpty)
            {
                (_part, _at) = (_part + 1, 0);
                continue;
            }

            var count = (int)Math.Min(Math.Min(rest.Length, buffer.Length), _left);
            rest[..count].CopyTo(buffer);
            _at += count;
            _left -= count;
            return count;
        }

        return 0;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        cancellationToken.IsCancellationRequested
            ? ValueTask.FromCanceled<int>(cancellationToken)
            : ValueTask.FromResult(Read(buffer.Span));
}
