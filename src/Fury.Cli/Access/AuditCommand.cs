using System.CommandLine;
using Fury.Cli.CommandLine;
using Fury.Cli.Http;
using Fury.Cli.Output;

namespace Fury.Cli.Access;

/// <summary>Who has done what, and who was kept from it.</summary>
internal static class AuditCommand
{
    private sealed record Entry(
        long Seq, DateTimeOffset At, string Caller, string Via, string? From, string Method, string Path, string? Permission, string Result, int Status);

    private sealed record Verdict(long Rows, long? BrokenAt, string? Head);

    public static FuryCommand Create(Globals globals) =>
        new FuryCommand("audit", "Who has done what, and who was kept from it.").With(List(globals), Verify(globals), Export(globals));

    private static FuryCommand List(Globals globals)
    {
        var caller = new Option<string?>("--caller") { Description = "What this one has done.", HelpName = "NAME" };
        var application = new Option<string?>("--application", "-a") { Description = "What was done to this one.", HelpName = "NAME" };
        var denied = new Option<bool>("--denied") { Description = "Only what was refused." };
        return new FuryCommand("list", "The newest first.", "fury audit list --application shop", "fury audit list --denied")
            .With(caller, application, denied)
            .Lists<Entry>(
                globals,
                call => Routes.With(Routes.Audit,
                [
                    .. call.Value(caller) is { } who ? [$"caller={Uri.EscapeDataString(who)}"] : Array.Empty<string>(),
                    .. call.Value(application) is { } what ? [$"application={Uri.EscapeDataString(what)}"] : Array.Empty<string>(),
                    .. call.Value(denied) ? ["result=denied"] : Array.Empty<string>(),
                ]),
                _ => "Nothing was done.",
                ["SEQ", "AT", "WHO", "BY", "FROM", "WHAT", "NEEDED", "RESULT"],
                one =>
                [
                    $"{one.Seq}", Plain.Time(one.At), one.Caller, one.Via, one.From, $"{one.Method} {one.Path}", one.Permission, $"{one.Result} {one.Status}",
                ]);
    }

    private static FuryCommand Verify(Globals globals) =>
        new FuryCommand("verify", "Whether every entry is what was written after the one before it.", "fury audit verify")
        .Runs(globals, async (call, cancellation) =>
        {
            var answer = await call.Api.Get($"{Routes.Audit}/verify", cancellation);
            var verdict = answer.Read<Verdict>();
            call.Out.WriteLine(call.Json ? answer.Text
                : verdict.BrokenAt is { } at ? $"Broken at entry {at}: it is missing, or not what was written."
                : $"{verdict.Rows} entries, and none is missing or changed. The last one's hash is {verdict.Head ?? "none"}.");
            return verdict.BrokenAt is null ? ExitCode.Ok : ExitCode.Failed;
        });

    private static FuryCommand Export(Globals globals) => new FuryCommand("export", "All of it in its order, one JSON object a line.", "fury audit export")
        .Runs(globals, async (call, cancellation) =>
        {
            using var answer = await call.Api.Open($"{Routes.Audit}/export", "text/plain", null, cancellation);
            using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(cancellation));
            while (await reader.ReadLineAsync(cancellation) is { } line)
            {
                call.Out.WriteLine(line);
            }
        });
}
