using System.CommandLine;
using Fury.Cli.CommandLine;
using Fury.Cli.Http;
using Fury.Cli.Output;

namespace Fury.Cli.Logs;

internal static class LogsCommand
{
    public static FuryCommand Create(Globals globals)
    {
        var follow = new Option<bool>("--follow", "-f") { Description = "Stay and show new lines as they come." };
        var tail = new Option<int>("--tail") { Description = "How many lines of each replica.", HelpName = "N", DefaultValueFactory = _ => 100 };
        return new FuryCommand(
                "logs",
                "What the replicas of a scope write, as text: time, pool/replica, line.",
                "fury logs -a hello -s production-web --tail 20",
                "fury logs -f")
            .With(follow, tail, globals.Application, globals.Scope)
            .Runs(globals, async (call, cancellation) =>
            {
                var path = Routes.Logs(call.Scope(), call.Value(tail), call.Value(follow));
                try
                {
                    using var response = await call.Api.Open(path, "text/plain", null, cancellation);
                    using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellation));
                    while (await reader.ReadLineAsync(cancellation) is { } line)
                    {
                        call.Out.WriteLine(Plain.Text(line));
                    }
                }
                catch (Exception broken) when (broken is IOException or HttpRequestException)
                {
                    throw call.Api.Unreachable(broken);
                }
            });
    }
}
