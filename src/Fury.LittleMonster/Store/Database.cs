using System.Net.Sockets;
using Npgsql;

namespace Fury.LittleMonster;

/// <summary>Which errors of the database say "not now" and which say "never".</summary>
internal static class Database
{
    /// <summary>
    /// True when the same statement may succeed later: the connection or the server went away, a lock or a limit was in the way.
    /// </summary>
    public static bool MayPass(Exception exception) => exception switch
    {
        PostgresException refused =>
            refused.SqlState[..2] is "08" or "53" or "57" or "58" or "40" || refused.SqlState is "55P03" or "25006",
        NpgsqlException or SocketException or IOException or TimeoutException or OperationCanceledException => true,
        _ => false,
    };
}
