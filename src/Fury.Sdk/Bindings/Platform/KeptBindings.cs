using System.Security.Cryptography;
using System.Text.Json;

namespace Fury.Sdk.Bindings.Platform;

/// <summary>
/// The bindings that were in force here last, in a file, so that an application can start while there is no platform. It holds no secret, and what is not
/// sealed for this scope is not taken from it.
/// </summary>
internal sealed class KeptBindings(PlatformPlace place)
{
    private const int FileBytesMax = 4 << 20;

    /// <summary>Null when there is no file.</summary>
    /// <exception cref="FuryException">It cannot be read, or is not of this scope.</exception>
    public IReadOnlyList<ServiceBinding>? Read()
    {
        try
        {
            if (!File.Exists(place.Kept))
            {
                return null;
            }

            var length = new FileInfo(place.Kept).Length;
            if (length > FileBytesMax)
            {
                throw Failure.TooLarge(place.Kept, length, FileBytesMax, "Bindings are a few hundred bytes each.");
            }

            var kept = JsonSerializer.Deserialize(File.ReadAllBytes(place.Kept), PlatformJson.Default.KeptDocuments);
            return [.. (kept?.Bindings ?? []).Select(one => one.Open(place, place.Kept))];
        }
        catch (Exception bad) when (bad is IOException or UnauthorizedAccessException or JsonException)
        {
            throw Failure.Invalid($"{place.Kept}, which keeps the bindings of before, cannot be read: {bad.Message}");
        }
    }

    /// <summary>Whole or not at all.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public void Write(IReadOnlyList<SealedDocument> documents)
    {
        var unfinished = $"{place.Kept}.{RandomNumberGenerator.GetHexString(16)}";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        try
        {
            using (var file = new FileStream(unfinished, options))
            {
                JsonSerializer.Serialize(file, new(documents), PlatformJson.Default.KeptDocuments);
                file.Flush(flushToDisk: true);
            }

            File.Move(unfinished, place.Kept, overwrite: true);
        }
        finally
        {
            File.Delete(unfinished);
        }
    }
}
