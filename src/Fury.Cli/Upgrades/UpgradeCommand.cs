using System.CommandLine;
using System.CommandLine.Completions;
using Fury.Cli.CommandLine;
using Fury.Cli.Completion;
using Fury.Cli.Http;
using Fury.Cli.Output;
using Fury.Cli.Rules;

namespace Fury.Cli.Upgrades;

internal static class UpgradeCommand
{
    private const string Example = "01932c8e-7a54-7d5c-b5d1-1f2c3a4b5c6d";

    /// <summary>The host wants a name of each; of a plan it keeps none.</summary>
    private const string NameOfPlan = "plan";

    public static FuryCommand Create(Globals globals) =>
        new FuryCommand("upgrade", "Control planes of many clusters brought to one version, the least critical first.").With(
            Plan(globals),
            Start(globals),
            List(globals),
            Show(globals),
            Ask(globals, "stop", "Begins nothing more until it is resumed; what is being emptied takes work again."),
            Ask(globals, "resume", "Goes on; what has failed is tried again."),
            Ask(globals, "abort", "Begins nothing more, ever. A control plane that is on its way goes on."),
            AskCluster(globals, "approve", "Lets a cluster have its turn although nothing of its shape had one: not by who has started the upgrade."),
            AskCluster(globals, "skip", "Leaves a cluster out that was not upgraded yet, or has failed."));

    private static FuryCommand Plan(Globals globals)
    {
        var options = new UpgradeOptions(globals);
        return new FuryCommand(
                "plan",
                "What 'fury upgrade start' with the same options would do: the waves, and which clusters will wait for an approval.",
                "fury upgrade plan --to 1.34",
                "fury upgrade plan --to 1.34 --cluster test-a --cluster prod-a --in-place")
            .With(options.All)
            .Runs(globals, async (call, cancellation) => Tell(
                call, await call.Api.Post(Routes.PlanUpgrade, options.Read(call, NameOfPlan), null, cancellation), UpgradeText.WritePlan));
    }

    private static FuryCommand Start(Globals globals)
    {
        var options = new UpgradeOptions(globals);
        var name = new Argument<string>("NAME") { Description = "A name of its own; the same again with the same options starts nothing." };
        return new FuryCommand(
                "start",
                "Starts an upgrade; 'fury upgrade plan' with the same options tells what it does.",
                "fury upgrade start autumn --to 1.34",
                "fury upgrade start autumn --to 1.34 --concurrent 4 --stop-after 2 --soak 48h --deadline 3h")
            .With(name)
            .With(options.All)
            .Runs(globals, async (call, cancellation) => Tell(
                call, await call.Api.Post(Routes.Upgrades, options.Read(call, call.Value(name)!), null, cancellation), UpgradeText.WriteState));
    }

    private static FuryCommand List(Globals globals) => new FuryCommand("list", "All upgrades, newest first.", "fury upgrade list").Lists<UpgradeRecord>(
        globals,
        _ => Routes.Upgrades,
        _ => "No upgrades. See what one would do: fury upgrade plan --to VERSION",
        ["UPGRADE", "NAME", "TO", "STATE", "WAVE", "WAITING", "EMPTYING", "UPGRADING", "SOAKING", "DONE", "FAILED", "SKIPPED", "CREATED"],
        one =>
        [
            one.Id, one.Name, one.Version, one.State, UpgradeText.WaveOf(one), $"{one.Counts.Waiting}", $"{one.Counts.Emptying}",
            $"{one.Counts.Upgrading}", $"{one.Counts.Soaking}", $"{one.Counts.Done}", $"{one.Counts.Failed}", $"{one.Counts.Skipped}",
            Plain.Time(one.CreatedAt),
        ],
        ("BY", one => one.By),
        ("WHY", one => one.Why));

    private static FuryCommand Show(Globals globals)
    {
        var id = Id(globals);
        return new FuryCommand(
                "show", "An upgrade as it stands, and each of its clusters: what it waits for, and what sets it apart.", $"fury upgrade show {Example}")
            .With(id)
            .Runs(globals, async (call, cancellation) => Tell(
                call,
                await call.Api.Get(Routes.Upgrade(call.Value(id)!), cancellation),
                (output, upgrade) => UpgradeText.Write(output, upgrade, call.Wide)));
    }

    private static FuryCommand Ask(Globals globals, string command, string description)
    {
        var (id, reason) = (Id(globals), RuleOptions.Reason());
        return new FuryCommand(command, description, $"fury upgrade {command} {Example} --reason \"I have looked\"")
            .With(id, reason, globals.By)
            .Runs(globals, async (call, cancellation) =>
            {
                var body = new { call.By, Reason = call.Value(reason) };
                Tell(call, await call.Api.Post(Routes.AskUpgrade(call.Value(id)!, command), body, null, cancellation), UpgradeText.WriteState);
            });
    }

    private static FuryCommand AskCluster(Globals globals, string command, string description)
    {
        var (id, reason) = (Id(globals), RuleOptions.Reason());
        var cluster = new Argument<string>("CLUSTER") { Description = "One of its clusters." };
        cluster.CompletionSources.Add((CompletionContext context) => Names.Clusters(context, globals));
        return new FuryCommand(command, description, $"fury upgrade {command} {Example} prod-a --reason \"I have looked\"")
            .With(id, cluster, reason, globals.By)
            .Runs(globals, async (call, cancellation) =>
            {
                var (name, body) = (call.Value(cluster)!, new { call.By, Reason = call.Value(reason) });
                Tell(
                    call,
                    await call.Api.Post(Routes.AskUpgrade(call.Value(id)!, name, command), body, null, cancellation),
                    (output, upgrade) => UpgradeText.WriteCluster(output, upgrade, name));
            });
    }

    private static Argument<string> Id(Globals globals)
    {
        var id = new Argument<string>("UPGRADE") { Description = "Its id, as 'fury upgrade list' lists them." };
        id.CompletionSources.Add((CompletionContext context) => Names.Upgrades(context, globals));
        return id;
    }

    private static void Tell(Invocation call, Answer answer, Action<TextWriter, UpgradeRecord> write)
    {
        if (call.Json)
        {
            call.Out.WriteLine(answer.Text);
        }
        else
        {
            write(call.Out, answer.Read<UpgradeRecord>());
        }
    }
}
