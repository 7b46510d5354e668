using System.Security.Cryptography;

namespace Fury.Sdk.Objects;

/// <summary>Reads an object whole and holds it against its length and checksum at the end.</summary>
internal sealed class VerifyingStream(Stream inner, ObjectProperties properties) : ReadOnlyStream
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private long _read;
    private bool _verified;

    public override long Length => properties.Length;

    public override long Position
    {
        get => _read;
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        Seen(_verified ? 0 : await inner.ReadAsync(buffer, cancellationToken), buffer.Span);

    public override int Read(byte[] buffer, int offset, int count) => Seen(_verified ? 0 : inner.Read(buffer, offset, count), buffer.AsSpan(offset));

    /// <summary>
    /// What is behind it, for one who hashes all of it himself and holds that against the properties; nothing is read here any more. Null when something was
    /// read already.
    /// </summary>
    public (Stream Content, ObjectProperties Properties)? HandOver()
    {
        if (_read > 0 || _verified)
        {
            return null;
        }

        (_read, _verified) = (properties.Length, true);
        return (inner, properties);
    }

    /// <exception cref="FuryException">What was read is not what was written.</exception>
    public static void Verify(long read, ReadOnlySpan<byte> sha256, ObjectProperties written)
    {
        if (read != written.Length || !sha256.SequenceEqual(written.Sha256.Span))
        {
            throw new FuryException(
                FuryErrorCode.Corrupted, $"{read:N0} of {written.Length:N0} bytes were read, and they are not those that were written.");
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _hash.Dispose();
            inner.Dispose();
        }

        base.Dispose(disposing);
    }

    private int Seen(int count, ReadOnlySpan<byte> buffer)
    {
        if (count > 0)
        {
            _hash.AppendData(buffer[..count]);
            _read += count;
        }
        else if (buffer.Length > 0 && !_verified)
        {
            _verified = true;
            Verify(_read, _hash.GetHashAndReset(), properties);
        }

        return count;
    }
}
