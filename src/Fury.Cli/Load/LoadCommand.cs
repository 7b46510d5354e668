using System.CommandLine;
using System.Text.Json;
using Fury.Cli.CommandLine;
using Fury.Cli.Output;
using Fury.Kernel;

namespace Fury.Cli.Load;

internal static class LoadCommand
{
    private const int FailuresShownMax = 10;

    public static FuryCommand Create(Globals globals)
    {
        var target = new Argument<string>("URL") { Description = "An http address; *.localhost names need no DNS." };
        var rate = new Option<double>("--rate")
        {
            Description = "Requests per second of the open loop.",
            HelpName = "N",
            DefaultValueFactory = _ => 500,
        };
        var seconds = new Option<double>("--seconds")
        {
            Description = "How long requests are sent.",
            HelpName = "N",
            DefaultValueFactory = _ => 60,
        };
        var connections = new Option<int>("--connections")
        {
            Description = "Keep-alive connections.",
            HelpName = "N",
            DefaultValueFactory = _ => 32,
        };
        var open = new Option<bool>("--open") { Description = "By the clock, latency from the scheduled time (the default)." };
        var closed = new Option<bool>("--closed") { Description = "The next request when the answer before has come." };
        var hostHeader = new Option<string?>("--host-header")
        {
            Description = "Sent as Host instead of the address's own.",
            HelpName = "NAME",
        };
        var mix = new Option<string?>("--latency-mix")
        {
            Description = $"Asks by ?latency=MS for slow answers, drawn by weight. Without a value: {LatencyMix.Default}",
            HelpName = "MS:WEIGHT,…",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var seed = new Option<int>("--seed") { Description = "Of the latency mix.", HelpName = "N", DefaultValueFactory = _ => 1 };
        var command = new FuryCommand(
                "load",
                "Sends a stream of HTTP requests and counts answers by version. Exit code 1 when any failed.",
                "fury load http://production-web.hello.localhost:7081/ --rate 200 --seconds 30",
                "fury load http://127.0.0.1:7081/ --host-header production-web.hello.localhost --closed --connections 8",
                "fury load http://production-web.hello.localhost:7081/ --latency-mix 0:95,2000:5 --connections 64 -o json")
            .With(target, rate, seconds, connections, open, closed, hostHeader, mix, seed)
            .Runs(globals, async (call, cancellation) =>
            {
                var plan = Invocation.Checked(check =>
                {
                    var url = call.Value(target);
                    var isUrl = Uri.TryCreate(url, UriKind.Absolute, out var address) && address.Scheme is "http" or "https";
                    check.Require(isUrl, url, "an http or https address", "url");
                    check.Require(call.Value(rate) is > 0 and <= 100_000, call.Value(rate), "more than 0, at most 100000", "--rate");
                    check.Require(call.Value(seconds) is > 0 and <= 86_400, call.Value(seconds), "more than 0, at most 86400", "--seconds");
                    check.Require(call.Value(connections) is > 0 and <= 10_000, call.Value(connections), "1 to 10000", "--connections");
                    check.Require(!(call.Value(open) && call.Value(closed)), "both", "one of the two", "--open or --closed");
                    LatencyMix? latencies = null;
                    if (call.Given(mix))
                    {
                        var text = call.Value(mix) ?? LatencyMix.Default;
                        var ok = LatencyMix.TryParse(text, call.Value(seed), out latencies);
                        check.Require(ok, text, $"such as {LatencyMix.Default}", "--latency-mix");
                    }

                    return check.Fault is not null ? null : new LoadPlan(address!)
                    {
                        Loop = call.Value(closed) ? LoadLoop.Closed : LoadLoop.Open,
                        Rate = call.Value(rate),
                        Duration = TimeSpan.FromSeconds(call.Value(seconds)),
                        Connections = call.Value(connections),
                        HostHeader = call.Value(hostHeader),
                        Mix = latencies,
                    };
                })!;

                // Ctrl-C ends the stream of requests; what was seen until then is still told.
                var report = await new LoadGenerator(plan, TimeProvider.System).Run(cancellation);
                Write(call, report);
                return report.Failed == 0 ? ExitCode.Ok : ExitCode.Failed;
            });
        return command;
    }

    private static void Write(Invocation call, LoadReport report)
    {
        var latency = report.Latencies;
        if (call.Json)
        {
            call.Out.WriteLine(JsonSerializer.Serialize(
                new
                {
                    report.Requests,
                    report.Failed,
                    RequestsPerSecond = Math.Round(report.RequestsPerSecond, 1),
                    report.ByVersion,
                    ByStatus = report.ByStatus.ToDictionary(status => $"{status.Key}", status => status.Value),
                    LatencyMs = new
                    {
                        P50 = Milliseconds(latency.Percentile(0.5)),
                        P90 = Milliseconds(latency.Percentile(0.9)),
                        P99 = Milliseconds(latency.Percentile(0.99)),
                        P999 = Milliseconds(latency.Percentile(0.999)),
                        Max = Milliseconds(latency.Max),
                    },
                    StartDelayMaxMs = Milliseconds(report.StartDelayMax),
                    Failures = report.Failures.Take(FailuresShownMax),
                    report.StartedAt,
                    report.EndedAt,
                },
                FuryJson.Options));
            return;
        }

        var took = Plain.Seconds(report.EndedAt - report.StartedAt);
        var statuses = report.ByStatus.Select(status => $"{(status.Key == 0 ? "no answer" : status.Key)}: {status.Value}");
        var (p50, p99) = (Milliseconds(latency.Percentile(0.5)), Milliseconds(latency.Percentile(0.99)));
        TextTable.WriteFacts(
            call.Out,
            ("requests", $"{report.Requests} in {took}, {Plain.Number(report.RequestsPerSecond)} a second"),
            ("failed", Plain.Number(report.Failed)),
            ("by version", string.Join(", ", report.Versions.Select(version => $"{version.Version}: {version.Requests}"))),
            ("by status", string.Join(", ", statuses)),
            ("latency", $"p50 {p50} ms, p99 {p99} ms, max {Milliseconds(latency.Max)} ms"),
            ("sent late by", $"at most {Milliseconds(report.StartDelayMax)} ms"));
        foreach (var failure in report.Failures.Take(FailuresShownMax))
        {
            call.Out.WriteLine($"{Plain.Clock(failure.SentAt)} to {Plain.Clock(failure.EndedAt)}  {Plain.Text(failure.Reason)}");
        }

        if (report.Failed > FailuresShownMax)
        {
            call.Out.WriteLine($"and {report.Failed - FailuresShownMax} more");
        }
    }

    private static double Milliseconds(TimeSpan span) => Math.Round(span.TotalMilliseconds, 2);
}
