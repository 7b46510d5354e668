namespace Fury.Cli.Output;

/// <summary>A file for nobody but the user.</summary>
internal static class OwnFile
{
    public const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Whole or not at all, and never readable by others, even where the file of before was.</summary>
    /// <param name="path">In a folder that is there.</param>
    /// <exception cref="IOException">It can't be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        var unfinished = $"{path}.{Environment.ProcessId}.new";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = Mode;
        }

        try
        {
            using (var made = new FileStream(unfinished, options))
            {
                write(made);
            }

            File.Move(unfinished, path, overwrite: true);
        }
        finally
        {
            // There only if it could not be moved.
            File.Delete(unfinished);
        }
    }
}
