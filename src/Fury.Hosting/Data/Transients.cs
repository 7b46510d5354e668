using Npgsql;

namespace Fury.Hosting;

/// <summary>Failures that say nothing about the request: the database is away, restarting, or a connection to it broke.</summary>
internal static class Transients
{
    public static bool IsTransient(Exception failure) => failure switch
    {
        PostgresException { SqlState: PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow } => true,
        PostgresException refused => refused.IsTransient,
        NpgsqlException { IsTransient: true } => true,
        NpgsqlException { InnerException: IOException or System.Net.Sockets.SocketException or TimeoutException } => true,
        AggregateException many => many.InnerExceptions.All(IsTransient),
        _ => false,
    };
}
