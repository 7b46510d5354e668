using System.Buffers;
using System.Globalization;
using System.Text;

namespace Fury.Sdk.Nats;

/// <summary>What a NATS server sends: a message with its subject, or a line such as <c>PING</c>.</summary>
/// <param name="Subscription">Whose message it is; its subject need not be the one that was subscribed to.</param>
internal readonly record struct NatsFrame(string Subject, string Subscription, NatsMessage? Message)
{
    private static readonly IReadOnlyDictionary<string, string> NoHeaders = new Dictionary<string, string>();

    /// <summary>Reads one; false, and nothing read, when not all of it is there yet.</summary>
    public static bool TryRead(ref ReadOnlySequence<byte> buffer, out NatsFrame frame)
    {
        frame = default;
        var reader = new SequenceReader<byte>(buffer);
        if (!reader.TryReadTo(out ReadOnlySequence<byte> bytes, "\r\n"u8))
        {
            return false;
        }

        // MSG subject subscription [reply] length; HMSG subject subscription [reply] length-of-headers length.
        var line = Encoding.UTF8.GetString(bytes);
        var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words is not ["MSG" or "HMSG", ..])
        {
            frame = new NatsFrame(words is ["PING" or "PONG", ..] ? words[0] : line, "", null);
            buffer = buffer.Slice(reader.Position);
            return true;
        }

        var hasHeaders = words[0] == "HMSG";
        var numbers = hasHeaders ? 2 : 1;
        var length = int.Parse(words[^1], CultureInfo.InvariantCulture);
        if (!reader.TryReadExact(length, out var payload) || reader.Remaining < 2)
        {
            return false;
        }

        reader.Advance(2);
        var reply = words.Length == 3 + numbers + 1 ? words[3] : null;
        var head = hasHeaders ? int.Parse(words[^2], CultureInfo.InvariantCulture) : 0;
        var (status, headers) = Headers(Encoding.UTF8.GetString(payload.Slice(0, head)));
        frame = new NatsFrame(words[1], words[2], new NatsMessage(reply, status, headers, payload.Slice(head).ToArray()));
        buffer = buffer.Slice(reader.Position);
        return true;
    }

    /// <summary>The first line is the version, and a status where there is one.</summary>
    public static (int Status, IReadOnlyDictionary<string, string> Headers) Headers(string text)
    {
        if (text.Length == 0)
        {
            return (0, NoHeaders);
        }

        var lines = text.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var first = lines[0].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var headers = new Dictionary<string, string>();
        foreach (var line in lines.Skip(1))
        {
            var colon = line.IndexOf(':');
            headers[line[..colon]] = line[(colon + 1)..].Trim();
        }

        return (first.Length > 1 ? int.Parse(first[1], CultureInfo.InvariantCulture) : 0, headers);
    }
}
