using System.Text.Json;
using Fury.Cli.CommandLine;
using Fury.Cli.Http;
using Fury.Cli.Output;
using Fury.Deployments.Contracts;
using Fury.Kernel;

namespace Fury.Cli.Deployments;

/// <summary>Shows a deployment to its end: lines that move in a terminal, plain lines elsewhere, JSON lines with <c>-o json</c>.</summary>
internal static class Watching
{
    /// <summary>Tells of a deployment that the host has just admitted or turned back, and stays with it when asked to.</summary>
    public static async Task<int> Begun(Invocation call, Answer answer, bool watch, CancellationToken cancellation)
    {
        var deployment = answer.Read<Deployment>();
        if (watch)
        {
            if (!call.Json)
            {
                var how = Word.Of(deployment.Strategy);
                call.Out.WriteLine($"{deployment.Scope}: {deployment.Version} by {how}, deployment {deployment.Id}");
            }

            return await Until(call, deployment.Id, cancellation);
        }

        if (call.Json)
        {
            call.Out.WriteLine(answer.Text);
            return ExitCode.Ok;
        }

        TextTable.WriteFacts(
            call.Out,
            ("deployment", deployment.Id.ToString()),
            ("scope", deployment.Scope.ToString()),
            ("version", deployment.Version.Value),
            ("strategy", Word.Of(deployment.Strategy)),
            ("phase", Word.Of(deployment.Phase)),
            ("reason", deployment.Reason));
        call.Out.WriteLine($"Follow it: fury events {deployment.Id} --follow");
        return ExitCode.Ok;
    }

    /// <summary>Follows the events to the end. With <c>-o json</c> the last line is the deployment itself.</summary>
    public static async Task<int> Until(Invocation call, DeploymentId id, CancellationToken cancellation)
    {
        var events = new EventStream(call.Api, TimeProvider.System).Follow(id, cancellation);
        if (call.Live)
        {
            await LiveWatch.Show(events, TimeProvider.System);
        }
        else
        {
            await foreach (var news in events)
            {
                call.Out.WriteLine(call.Json ? JsonSerializer.Serialize(news, FuryJson.Options) : Line(news));
            }
        }

        var answer = await call.Api.Get(Routes.Deployment(id), cancellation);
        var deployment = answer.Read<Deployment>();
        if (call.Json)
        {
            call.Out.WriteLine(answer.Text);
        }
        else
        {
            var took = Plain.Seconds((deployment.EndedAt ?? deployment.CreatedAt) - deployment.CreatedAt);
            var reason = Plain.Text(deployment.Reason ?? "");
            call.Out.WriteLine($"{deployment.Version} {Word.Of(deployment.Phase)} after {took}. {reason}".TrimEnd());
        }

        return deployment.Phase == DeploymentPhase.Done ? ExitCode.Ok : ExitCode.WentBack;
    }

    public static string Line(DeploymentEvent news) =>
        $"{Plain.Clock(news.At)}  {Word.Of(news.Phase),-18}  {Plain.Text(news.Message)}";
}
