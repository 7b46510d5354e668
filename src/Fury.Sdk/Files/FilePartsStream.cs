using Fury.Sdk.Objects;
using Microsoft.Win32.SafeHandles;

namespace Fury.Sdk.Files;

/// <summary>Reads files one after the other, from an offset on. All are opened at once, so that none can go while it reads.</summary>
internal sealed class FilePartsStream : ReadOnlyStream
{
    private readonly List<(SafeFileHandle Handle, long Length)> _parts = [];
    private int _part;
    private long _at;
    private long _left;

    /// <exception cref="FileNotFoundException">One is gone.</exception>
    public FilePartsStream(string folder, IReadOnlyList<FilePart> parts, long offset, long? length)
    {
        Length = _left = Math.Max(0, Math.Min(length ?? long.MaxValue, parts.Sum(part => part.Length) - offset));
        var (begin, end, from) = (offset, offset + _left, 0L);
        try
        {
            foreach (var part in parts)
            {
                if (from + part.Length > begin && from < end)
                {
                    _at = _parts.Count == 0 ? begin - from : _at;
                    var (file, share) = (Path.Combine(folder, part.File), FileShare.Read | FileShare.Delete);
                    _parts.Add((File.OpenHandle(file, FileMode.Open, FileAccess.Read, share, FileOptions.Asynchronous), part.Length));
                }

                from += part.Length;
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public override long Length { get; }

    public override long Position
    {
        get => Length - _left;
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_left > 0 && _part < _parts.Count && buffer.Length > 0)
        {
            var (handle, length) = _parts[_part];
            var wanted = (int)Math.Min(Math.Min(buffer.Length, _left), length - _at);
            var count = wanted == 0 ? 0 : await RandomAccess.ReadAsync(handle, buffer[..wanted], _at, cancellationToken);
            if (count > 0)
            {
                _at += count;
                _left -= count;
                return count;
            }

            (_part, _at) = (_part + 1, 0);
        }

        return 0;
    }

    protected override void Dispose(bool disposing)
    {
        _parts.ForEach(part => part.Handle.Dispose());
        base.Dispose(disposing);
    }
}
