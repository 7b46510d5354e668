using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Fury.Sdk.Gateway;

/// <summary>Writes fields as <see cref="GatewayProtocol"/> says. The frame's length comes first.</summary>
internal sealed class WireWriter
{
    private const int Head = sizeof(int);

    private readonly ArrayBufferWriter<byte> _bytes = new(256);

    public WireWriter() => _bytes.Advance(_bytes.GetSpan(Head)[..Head].Length);

    /// <summary>All of it, as it is sent.</summary>
    public ReadOnlyMemory<byte> Frame()
    {
        var frame = _bytes.WrittenMemory;
        BinaryPrimitives.WriteInt32LittleEndian(System.Runtime.InteropServices.MemoryMarshal.AsMemory(frame).Span, frame.Length - Head);
        return frame;
    }

    public WireWriter Yes(bool value) => Byte(value ? (byte)1 : (byte)0);

    public WireWriter Number(long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(_bytes.GetSpan(sizeof(long)), value);
        _bytes.Advance(sizeof(long));
        return this;
    }

    public WireWriter Time(DateTimeOffset value) => Number(value.UtcTicks);

    public WireWriter Span(TimeSpan value) => Number(value.Ticks);

    public WireWriter Number(long? value) => value is { } known ? Yes(true).Number(known) : Yes(false);

    public WireWriter Time(DateTimeOffset? value) => Number(value?.UtcTicks);

    public WireWriter Text(string? value)
    {
        if (value is null)
        {
            return Count(0);
        }

        var length = Encoding.UTF8.GetByteCount(value);
        Count((long)length + 1);
        Encoding.UTF8.GetBytes(value, _bytes.GetSpan(length));
        _bytes.Advance(length);
        return this;
    }

    public WireWriter Bytes(ReadOnlyMemory<byte> value)
    {
        Count((long)value.Length + 1);
        _bytes.Write(value.Span);
        return this;
    }

    public WireWriter BytesOrNull(ReadOnlyMemory<byte>? value) => value is { } known ? Bytes(known) : Count(0);

    public WireWriter List<T>(IReadOnlyCollection<T> items, Action<WireWriter, T> write)
    {
        Count(items.Count);
        foreach (var item in items)
        {
            write(this, item);
        }

        return this;
    }

    public WireWriter Map(IReadOnlyDictionary<string, string> map) => List(map, static (writer, pair) => writer.Text(pair.Key).Text(pair.Value));

    private WireWriter Byte(byte value)
    {
        _bytes.GetSpan(1)[0] = value;
        _bytes.Advance(1);
        return this;
    }

    private WireWriter Count(long value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            Byte((byte)(value | 0x80));
        }

        return Byte((byte)value);
    }
}

/// <summary>Reads what <see cref="WireWriter"/> has written. What is not so is a <see cref="FormatException"/>.</summary>
internal sealed class WireReader(ReadOnlyMemory<byte> fields)
{
    private static readonly UTF8Encoding Strict = new(false, true);

    private int _at;

    public int Length => fields.Length;

    public bool Yes() => Take(1)[0] switch
    {
        0 => false,
        1 => true,
        var other => throw new FormatException($"{other} is neither yes nor no."),
    };

    public long Number() => BinaryPrimitives.ReadInt64LittleEndian(Take(sizeof(long)));

    public int Int() => Number() is >= int.MinValue and <= int.MaxValue and var value ? (int)value : throw new FormatException("A number is too large.");

    /// <summary>One of an enumeration's.</summary>
    public T Choice<T>()
        where T : struct, Enum
    {
        var value = (T)Enum.ToObject(typeof(T), Int());
        return Enum.IsDefined(value) ? value : throw new FormatException($"{value} is no {typeof(T).Name}.");
    }

    public DateTimeOffset Time() => Number() is >= 0 and var ticks && ticks <= DateTimeOffset.MaxValue.UtcTicks
        ? new DateTimeOffset(ticks, TimeSpan.Zero)
        : throw new FormatException("A time is beyond all times.");

    public TimeSpan Span() => TimeSpan.FromTicks(Number());

    public long? NumberOrNull() => Yes() ? Number() : null;

    public DateTimeOffset? TimeOrNull() => Yes() ? Time() : null;

    public string Text() => TextOrNull() ?? throw new FormatException("A text is null.");

    public string? TextOrNull()
    {
        var length = Count() - 1;
        try
        {
            return length < 0 ? null : Strict.GetString(Take(length));
        }
        catch (DecoderFallbackException)
        {
            throw new FormatException("A text is no UTF-8.");
        }
    }

    public ReadOnlyMemory<byte> Bytes() => BytesOrNull() ?? throw new FormatException("Bytes are null.");

    public ReadOnlyMemory<byte>? BytesOrNull()
    {
        var length = Count() - 1;
        if (length < 0)
        {
            return null;
        }

        Take(length);
        return fields.Slice(_at - length, length);
    }

    public List<T> List<T>(Func<WireReader, T> read)
    {
        var count = Count();
        if (count > fields.Length - _at)
        {
            throw new FormatException($"A list of {count} is longer than its frame.");
        }

        var items = new List<T>(count);
        for (var index = 0; index < count; index++)
        {
            items.Add(read(this));
        }

        return items;
    }

    public Dictionary<string, string> Map()
    {
        var map = new Dictionary<string, string>();
        foreach (var (key, value) in List(static reader => (reader.Text(), reader.Text())))
        {
            map[key] = value;
        }

        return map;
    }

    private int Count()
    {
        var value = 0L;
        for (var shift = 0; shift < 35; shift += 7)
        {
            var each = Take(1)[0];
            value |= (long)(each & 0x7F) << shift;
            if (each < 0x80)
            {
                return value <= int.MaxValue ? (int)value : throw new FormatException("A length is too large.");
            }
        }

        throw new FormatException("A length is too large.");
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > fields.Length - _at)
        {
            throw new FormatException("The frame ends before its fields.");
        }

        _at += count;
        return fields.Span.Slice(_at - count, count);
    }
}
