namespace Fury.Deployments.Sources;

/// <summary>What must not be printed. A file is read each time, so that another can be put in its place.</summary>
/// <param name="setting">Where it was named, for an error.</param>
internal sealed class Secret(string setting, string? text, string? file)
{
    private const int LengthMax = 4096;

    public string Setting => setting;

    /// <exception cref="InvalidOperationException">One sentence says why there is none, without what was read.</exception>
    public string Read()
    {
        var read = text ?? ReadFile();
        var trimmed = read.Trim();
        return trimmed.Length is > 0 and <= LengthMax && trimmed.All(letter => letter is > ' ' and < '\x7f')
            ? trimmed
            : throw new InvalidOperationException($"{setting} must be 1 to {LengthMax} printable ASCII characters without spaces, and is not.");
    }

    public override string ToString() => "(secret)";

    private string ReadFile()
    {
        try
        {
            return File.ReadAllText(file!);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw new InvalidOperationException($"{setting} names a file that can't be read: '{file}' ({failure.GetType().Name}).");
        }
    }
}
