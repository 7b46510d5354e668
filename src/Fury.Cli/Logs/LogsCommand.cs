using System.CommandLine;
using System.Net.ServerSentEvents;
using System.Text.Json;
using Fury.Cli.CommandLine;
using Fury.Cli.Http;
using Fury.Cli.Output;
using Fury.Compute.Contracts;
using Fury.Kernel;

namespace Fury.Cli.Logs;

internal static class LogsCommand
{
    public static FuryCommand Create(Globals globals)
    {
        var follow = new Option<bool>("--follow", "-f") { Description = "Stay and show new lines as they come." };
        var tail = new Option<int>("--tail")
        {
            Description = "How many lines of each replica.",
            HelpName = "N",
            DefaultValueFactory = _ => 100,
        };
        return new FuryCommand(
                "logs",
                "What the replicas of a scope write.",
                "fury logs -a hello -s production-web --tail 20",
                "fury logs -f")
            .With(follow, tail, globals.Application, globals.Scope)
            .Runs(globals, async (call, cancellation) =>
            {
                var path = Routes.Logs(call.Scope(), call.Value(tail), call.Value(follow));
                if (call.Value(follow))
                {
                    await Follow(call, path, cancellation);
                    return;
                }

                var answer = await call.Api.Get(path, cancellation);
                if (call.Json)
                {
                    call.Out.WriteLine(answer.Text);
                    return;
                }

                foreach (var line in answer.Read<IReadOnlyList<LogLine>>())
                {
                    call.Out.WriteLine(Line(line));
                }
            });
    }

    private static async Task Follow(Invocation call, string path, CancellationToken cancellation)
    {
        try
        {
            using var response = await call.Api.Stream(path, null, cancellation);
            var body = await response.Content.ReadAsStreamAsync(cancellation);
            await foreach (var item in SseParser.Create(body).EnumerateAsync(cancellation))
            {
                call.Out.WriteLine(call.Json ? item.Data : Line(JsonSerializer.Deserialize<LogLine>(item.Data, FuryJson.Options)!));
            }
        }
        catch (HttpRequestException broken)
        {
            throw call.Api.Unreachable(broken);
        }
        catch (IOException broken)
        {
            throw new CommandFailure(ExitCode.Unreachable, $"The stream of lines broke: {broken.Message}");
        }
    }

    private static string Line(LogLine line) =>
        $"{(line.At is { } at ? Plain.Clock(at) : "-"),-12}  {line.Replica.ToString()[^12..]}  {Plain.Text(line.Text)}";
}
