using System.CommandLine;
using Fury.Cli.CommandLine;
using Fury.Cli.Http;
using Fury.Cli.Output;

namespace Fury.Cli.Access;

/// <summary>Who one is towards a host.</summary>
internal static class LoginCommand
{
    private static readonly TimeSpan ProviderTimeout = TimeSpan.FromSeconds(30);

    private sealed record Session(string Token, string Name, DateTimeOffset ExpiresAt);

    private sealed record Me(string? Name, string Via, IReadOnlyList<string> Permissions);

    public static FuryCommand Login(Globals globals)
    {
        var file = new Option<string?>("--token-file") { Description = "A file whose first line is an API token, instead of a browser.", HelpName = "FILE" };
        return new FuryCommand(
                "login", "Logs in with a browser, on this machine or another, and keeps the session for this host.", "fury login",
                "fury login --host https://fury.example.com", "fury login --token-file ci.token")
            .With(file)
            .Runs(globals, async (call, cancellation) =>
            {
                var credential = call.Value(file) is { } path ? await ByFile(call, path, cancellation) : await ByBrowser(call, cancellation);
                Credentials.Keep(call.Host, credential);
                var end = credential.ExpiresAt is { } until ? $" until {Plain.Time(until)}" : "";
                call.Out.WriteLine($"Logged in to {call.Host} as {Plain.Text(credential.Name)}{end}.");
            });
    }

    public static FuryCommand Logout(Globals globals) => new FuryCommand("logout", "Ends the session for this host, and forgets it.", "fury logout")
        .Runs(globals, async (call, cancellation) =>
        {
            if (Credentials.Find(call.Host) is not { } known)
            {
                call.Out.WriteLine($"Nobody is logged in to {call.Host}.");
                return;
            }

            Credentials.Forget(call.Host);
            using var api = new FuryApi(call.Host, known.Token);
            await api.Post("auth/logout", new { }, null, cancellation);
            call.Out.WriteLine($"Logged out of {call.Host}.");
        });

    public static FuryCommand WhoAmI(Globals globals) => new FuryCommand("whoami", "Who one is to the host, and what one may do.", "fury whoami")
        .Runs(globals, async (call, cancellation) =>
        {
            var answer = await call.Api.Get("api/v1/me", cancellation);
            if (call.Json)
            {
                call.Out.WriteLine(answer.Text);
                return;
            }

            var me = answer.Read<Me>();
            TextTable.WriteFacts(
                call.Out, ("Name", me.Name ?? "nobody"), ("By", me.Via), ("May, somewhere", string.Join(", ", me.Permissions)), ("Host", $"{call.Host}"));
        });

    private static async Task<Credential> ByBrowser(Invocation call, CancellationToken cancellation)
    {
        using var api = new FuryApi(call.Host, null);
        var answer = await api.Find("auth/settings", cancellation)
            ?? throw new CommandFailure(ExitCode.Failed, "The host has no OpenID provider.", ["Use a token: fury login --token-file FILE, or FURY_TOKEN."]);
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { Timeout = ProviderTimeout };
        var token = await new DeviceFlow(http, TimeProvider.System).Run(
            answer.Read<LoginSettings>(), line => call.Error.WriteLine(Plain.Text(line)), cancellation);
        var session = (await api.Post("auth/session", new { Token = token }, null, cancellation)).Read<Session>();
        return new(session.Token, session.Name, session.ExpiresAt);
    }

    private static async Task<Credential> ByFile(Invocation call, string path, CancellationToken cancellation)
    {
        string? token;
        try
        {
            token = File.ReadLines(path).FirstOrDefault()?.Trim();
        }
        catch (Exception unread) when (unread is IOException or UnauthorizedAccessException)
        {
            throw CommandFailure.Usage($"The token can't be read: {unread.Message}");
        }

        using var api = new FuryApi(call.Host, token);
        var me = (await api.Get("api/v1/me", cancellation)).Read<Me>();
        return token is { Length: > 0 } && me.Name is { } name
            ? new(token, name, null)
            : throw new CommandFailure(ExitCode.Failed, "The host does not know this token.");
    }
}
