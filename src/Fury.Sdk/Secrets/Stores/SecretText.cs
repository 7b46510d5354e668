using System.Text;

namespace Fury.Sdk.Secrets.Stores;

/// <summary>Values as text where they are text, so that people can read in the manager what they have put there.</summary>
internal static class SecretText
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Null for bytes that are no UTF-8.</summary>
    public static string? Of(ReadOnlyMemory<byte> value)
    {
        try
        {
            return Strict.GetString(value.Span);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }
}
