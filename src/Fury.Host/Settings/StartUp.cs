using System.Net;
using System.Net.Sockets;
using Fury.Hosting;

namespace Fury.Host;

/// <summary>
/// Starts the host and waits for its end. What keeps it from starting is one line on standard error, with exit code 1; the stack of a
/// mistake of our own goes with it.
/// </summary>
internal static class StartUp
{
    public static async Task<int> Run(string[] args, Func<string[], WebApplication> build)
    {
        if (CommandLine.AsksForHelp(args))
        {
            Console.WriteLine(CommandLine.Usage);
            return 0;
        }

        var started = false;
        try
        {
            await using var app = build(args);

            // Both are taken before anything is started, so that a second host on this folder or address leaves no trace.
            _ = app.Services.GetRequiredService<INode>();
            RequireFree(app.Services.GetRequiredService<HostSettings>().Listen);
            await app.StartAsync();
            started = true;
            SayWhoMayCall(app);
            await app.WaitForShutdownAsync();
            return 0;
        }
        catch (Exception error) when (!started)
        {
            var expected = error is BadSettings or InvalidOperationException or IOException or SocketException or TimeoutException
                or Microsoft.Extensions.Options.OptionsValidationException or System.Data.Common.DbException;
            await Console.Error.WriteLineAsync($"Fury cannot start: {(expected ? error.Message : error)}");
            return 1;
        }
    }

    private static void SayWhoMayCall(WebApplication app)
    {
        if (!app.Services.GetRequiredService<HostSettings>().IsGuarded)
        {
            app.Logger.LogWarning(
                "Every caller on this machine is the local administrator, since neither Fury:Auth:Token nor Fury:Auth:Oidc:Issuer is set. Other machines "
                + "can not call the API.");
        }
    }

    /// <exception cref="BadSettings">Something else listens there.</exception>
    internal static void RequireFree(BindingAddress listen)
    {
        var address = IPAddress.TryParse(listen.Host.Trim('[', ']'), out var given) ? given : IPAddress.Loopback;
        try
        {
            using var probe = new TcpListener(address, listen.Port);
            probe.Start();
        }
        catch (SocketException error)
        {
            throw new BadSettings(error.SocketErrorCode == SocketError.AddressAlreadyInUse
                ? $"{listen} is taken: another program listens there. Stop it, or choose another address with --listen."
                : $"{listen} cannot be listened on: {error.Message}.");
        }
    }
}
