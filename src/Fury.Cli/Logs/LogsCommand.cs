using System.CommandLine;
using Fury.Cli.CommandLine;
using Fury.Cli.Http;

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
            .Runs(globals, (call, cancellation) =>
                LogLines.Show(call, Routes.Logs(call.Scope(), call.Value(tail), call.Value(follow)), cancellation));
    }
}
