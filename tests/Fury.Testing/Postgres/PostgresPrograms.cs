using Fury.Hosting;

namespace Fury.Testing;

/// <summary>Where this machine's PostgreSQL is, found as the host finds it.</summary>
public static class PostgresPrograms
{
    /// <summary>The folder of <c>postgres</c> and <c>initdb</c>; throws with all the places that were looked at when there is none.</summary>
    public static string Folder()
    {
        List<string> tried = [];
        return PostgresBinaries.Find(PostgresBinaries.Places(null, Environment.GetEnvironmentVariable("PATH"), "."), null, tried)?.Folder
            ?? throw new InvalidOperationException(
                $"There is no PostgreSQL here. Debian and Ubuntu: apt-get install postgresql. Looked in:\n  {string.Join("\n  ", tried)}");
    }
}
