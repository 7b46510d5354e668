using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Fury.Hosting;

/// <summary>Where a private cluster lives, who runs it and how it is reached. Known before the server runs.</summary>
/// <param name="User">The operating-system user that runs it; null for the one of this process.</param>
/// <param name="Folder">Owned by that user, mode 0700: cluster, password, logs.</param>
/// <param name="SocketFolder">Holds its unix socket; it listens nowhere else.</param>
internal sealed record PostgresPlace(string? User, string Folder, string SocketFolder, string Password)
{
    public const string DatabaseName = "fury";
    public const string SuperUser = "fury";

    /// <summary>A unix socket's path has at most 107 bytes; PostgreSQL adds this to the folder.</summary>
    private const string SocketName = "/.s.PGSQL.5432";
    private const int SocketPathBytesMax = 107;

    public string Cluster => Path.Combine(Folder, "cluster");

    public string Logs => Path.Combine(Folder, "log");

    public string ConnectionString(string database) => new NpgsqlConnectionStringBuilder
    {
        Host = SocketFolder,
        Username = SuperUser,
        Password = Password,
        Database = database,
        SslMode = SslMode.Disable,
        GssEncryptionMode = GssEncryptionMode.Disable,
        MaxPoolSize = 80,
        Timeout = 10,
    }.ConnectionString;

    /// <summary>Chooses the place under <paramref name="dataFolder"/> and makes its folders and password. Finds the same one again every time.</summary>
    public static PostgresPlace Prepare(string dataFolder, ILogger logger)
    {
        var user = Environment.IsPrivilegedProcess ? Unprivileged() : null;
        var folder = Path.Combine(dataFolder, "postgres");
        if (user is not null && !CanEnter(user, dataFolder))
        {
            folder = Path.Combine("/var/lib/fury", Hash(dataFolder));
            logger.LogWarning(
                "PostgreSQL may not run as root, and user {User} cannot enter {DataFolder}. Its files go to {Folder} instead.",
                user, dataFolder, folder);
        }

        Directory.CreateDirectory(Path.GetDirectoryName(folder)!);
        MakePrivate(user, folder);
        var socket = Path.Combine(folder, "socket");
        if (Encoding.UTF8.GetByteCount(socket + SocketName) > SocketPathBytesMax)
        {
            socket = Path.Combine("/tmp", $"fury-{Environment.UserName}-{Hash(folder)}");
        }

        MakePrivate(user, socket);
        return new(user, folder, socket, KeepPassword(user, Path.Combine(folder, "password")));
    }

    private static string Unprivileged() =>
        Command.TryRun(null, "id", "-u", "postgres") is { ExitCode: 0 } ? "postgres" : "nobody";

    private static bool CanEnter(string user, string folder) => Command.TryRun(user, "test", "-x", folder) is { ExitCode: 0 };

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..12];

    /// <summary>
    /// Makes the folder for that user alone. One that another user has put there (in /tmp anybody may) is refused, or it could be listened
    /// in and the password asked for.
    /// </summary>
    private static void MakePrivate(string? user, string folder)
    {
        if (!Directory.Exists(folder))
        {
            Command.Run(null, "mkdir", ["-m", "0700", folder]).OrThrow($"Making {folder}");
            if (user is not null)
            {
                Command.Run(null, "chown", [user, folder]).OrThrow($"Giving {folder} to {user}");
            }
        }

        if (Command.TryRun(user, "test", "-O", folder) is not { ExitCode: 0 })
        {
            throw new InvalidOperationException(
                $"{folder} exists and does not belong to {user ?? Environment.UserName}. Move it away, or use another data folder.");
        }
    }

    /// <summary>The password in the file; a new random one is written there, mode 0600, when there is none.</summary>
    private static string KeepPassword(string? user, string file)
    {
        if (!File.Exists(file))
        {
            // Written beside and renamed, so that a crash leaves no half of it.
            var password = RandomNumberGenerator.GetHexString(48, lowercase: true);
            Command.Run(user, "/bin/sh", ["-c", "umask 077; cat > \"$0.new\" && mv \"$0.new\" \"$0\"", file], password)
                .OrThrow($"Writing {file}");
        }

        return File.ReadAllText(file).Trim();
    }
}
