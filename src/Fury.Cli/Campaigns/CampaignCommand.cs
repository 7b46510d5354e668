using System.CommandLine;
using System.Text.Json.Nodes;
using Fury.Cli.CommandLine;
using Fury.Cli.Deployments;
using Fury.Cli.Http;
using Fury.Cli.Output;
using Fury.Cli.Rules;

namespace Fury.Cli.Campaigns;

internal sealed record CountsRecord(int Waiting, int Running, int Done, int Failed, int Skipped);

internal sealed record TargetRecord(string Scope, string? Version, int Wave, string State, string? Deployment, string? Reason);

internal sealed record CampaignRecord(
    string Id,
    string Name,
    string By,
    string Strategy,
    string State,
    string Why,
    int Wave,
    IReadOnlyList<int> Waves,
    int Allowed,
    DateTimeOffset CreatedAt,
    DateTimeOffset? EndedAt,
    CountsRecord Counts,
    IReadOnlyList<TargetRecord>? Targets);

internal static class CampaignCommand
{
    private const string Example = "01932c8e-7a54-7d5c-b5d1-1f2c3a4b5c6d";

    public static FuryCommand Create(Globals globals) => new FuryCommand("campaign", "One change for many scopes, stopped when too many of them fail.").With(
        Start(globals),
        List(globals),
        Show(globals),
        Ask(globals, "stop", "Begins nothing more until it is resumed."),
        Ask(globals, "resume", "Goes on; the failures so far are forgiven."),
        Ask(globals, "abort", "Begins nothing more, ever, and aborts what is in flight."));

    private static FuryCommand Start(Globals globals)
    {
        var file = new Option<FileInfo>("--file", "-f") { Description = "The campaign, as the API takes it.", HelpName = "FILE", Required = true };
        return new FuryCommand("start", "Starts a campaign; the same file again starts nothing.", "fury campaign start --file base-image.json")
            .With(file, globals.By)
            .Runs(globals, async (call, cancellation) =>
            {
                var body = RequestFile.Read<JsonObject>(call.Value(file)!);
                body["by"] ??= call.By;
                var answer = await call.Api.Post(Routes.Campaigns, body, null, cancellation);
                call.Out.WriteLine(call.Json ? answer.Text : Told(answer.Read<CampaignRecord>()));
            });
    }

    private static FuryCommand List(Globals globals) => new FuryCommand("list", "All campaigns, newest first.", "fury campaign list").Lists<CampaignRecord>(
        globals,
        _ => Routes.Campaigns,
        _ => "No campaigns. Start one: fury campaign start --file FILE",
        ["CAMPAIGN", "NAME", "STATE", "WAVE", "WAITING", "RUNNING", "DONE", "FAILED", "SKIPPED", "CREATED"],
        one =>
        [
            one.Id, one.Name, one.State, $"{one.Wave} of {one.Waves.Count}", $"{one.Counts.Waiting}", $"{one.Counts.Running}", $"{one.Counts.Done}",
            $"{one.Counts.Failed}", $"{one.Counts.Skipped}", Plain.Time(one.CreatedAt),
        ]);

    private static FuryCommand Show(Globals globals)
    {
        var id = Id();
        return new FuryCommand("show", "A campaign as it stands, and each of its targets.", $"fury campaign show {Example}")
            .With(id)
            .Runs(globals, async (call, cancellation) =>
            {
                var answer = await call.Api.Get(Routes.Campaign(call.Value(id)!), cancellation);
                if (call.Json)
                {
                    call.Out.WriteLine(answer.Text);
                }
                else
                {
                    Write(call.Out, answer.Read<CampaignRecord>());
                }
            });
    }

    private static FuryCommand Ask(Globals globals, string command, string description)
    {
        var (id, reason) = (Id(), RuleOptions.Reason());
        return new FuryCommand(command, description, $"fury campaign {command} {Example} --reason \"I have looked\"")
            .With(id, reason, globals.By)
            .Runs(globals, async (call, cancellation) =>
            {
                var body = new { call.By, Reason = call.Value(reason) };
                var answer = await call.Api.Post(Routes.AskCampaign(call.Value(id)!, command), body, null, cancellation);
                call.Out.WriteLine(call.Json ? answer.Text : Told(answer.Read<CampaignRecord>()));
            });
    }

    private static Argument<string> Id() => new("CAMPAIGN") { Description = "Its id, as 'fury campaign list' lists them." };

    private static string Told(CampaignRecord campaign) => $"Campaign {campaign.Name} ({campaign.Id}) is {campaign.State}. {Plain.Text(campaign.Why)}";

    private static void Write(TextWriter output, CampaignRecord campaign)
    {
        TextTable.WriteFacts(
            output,
            ("campaign", campaign.Id),
            ("name", campaign.Name),
            ("by", campaign.By),
            ("strategy", campaign.Strategy),
            ("state", campaign.State),
            ("why", campaign.Why),
            ("wave", $"{campaign.Wave} of {campaign.Waves.Count}"),
            ("failed", $"{campaign.Counts.Failed}; it stops at {campaign.Allowed}"),
            ("created", Plain.Time(campaign.CreatedAt)),
            ("ended", campaign.EndedAt is { } end ? Plain.Time(end) : null));
        output.WriteLine();
        var targets = new TextTable("WAVE", "SCOPE", "VERSION", "STATE", "DEPLOYMENT", "REASON");
        foreach (var target in campaign.Targets ?? [])
        {
            targets.Row($"{target.Wave}", target.Scope, target.Version, target.State, target.Deployment, target.Reason);
        }

        targets.Write(output);
    }
}
