using System.Globalization;
using System.Text;

namespace Fury.Xds.Framing;

/// <summary>What gRPC writes into HTTP's headers and trailers.</summary>
internal static class GrpcHeaders
{
    public const string ContentType = "application/grpc";
    public const string Status = "grpc-status";
    public const string Message = "grpc-message";

    /// <summary>A longer message is cut: peers bound the size of all trailers together, and an escaped character has up to 12 bytes.</summary>
    public const int MessageCharsMax = 512;

    /// <summary><c>application/grpc</c>, alone or with a format (<c>+proto</c>) or parameters.</summary>
    public static bool IsGrpc(string? contentType) =>
        contentType is not null
        && contentType.StartsWith(ContentType, StringComparison.OrdinalIgnoreCase)
        && (contentType.Length == ContentType.Length || contentType[ContentType.Length] is '+' or ';' or ' ');

    public static string FormatStatus(GrpcStatus status) => ((int)status).ToString(CultureInfo.InvariantCulture);

    /// <summary>A number that gRPC does not know is <see cref="GrpcStatus.Unknown"/>.</summary>
    public static GrpcStatus ParseStatus(string value) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && Enum.IsDefined((GrpcStatus)number)
            ? (GrpcStatus)number
            : GrpcStatus.Unknown;

    /// <summary>
    /// Escapes the UTF-8 bytes outside of 0x20 to 0x7E, and the percent sign: no more, since a client need not unescape what is shown to people.
    /// </summary>
    public static string EncodeMessage(string message)
    {
        var cut = message.Length > MessageCharsMax ? string.Concat(message.AsSpan(0, MessageCharsMax), "...") : message;
        if (!cut.AsSpan().ContainsAnyExceptInRange(' ', '~') && !cut.Contains('%'))
        {
            return cut;
        }

        var text = new StringBuilder();
        foreach (var value in Encoding.UTF8.GetBytes(cut))
        {
            if (value is < 0x20 or > 0x7E or (byte)'%')
            {
                text.Append('%').Append(value.ToString("X2", CultureInfo.InvariantCulture));
            }
            else
            {
                text.Append((char)value);
            }
        }

        return text.ToString();
    }

    /// <summary>An escape that is none stays as it is: gRPC asks not to fail for it.</summary>
    public static string DecodeMessage(string value) => Uri.UnescapeDataString(value);
}
