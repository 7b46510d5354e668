namespace Fury.Processes;

/// <summary>Where a process writes: one file that grows, and those that were rotated away.</summary>
internal sealed record LogFiles(string Folder)
{
    public string Current => Path.Combine(Folder, "output.log");

    /// <param name="number">From 1, the newest.</param>
    public string Rotated(int number) => Path.Combine(Folder, $"output.{number}.log");
}
