using System.CommandLine;
using Fury.Cli.CommandLine;
using Fury.Cli.Http;
using Fury.Cli.Output;

namespace Fury.Cli.Mesh;

internal static class MeshCommand
{
    public static FuryCommand Create(Globals globals) => new FuryCommand("mesh", "Routes, and the proxies that apply them.")
        .With(Status(globals), Proxies(globals), RoutesOf(globals), Diff(globals), Forget(globals), BootstrapCommand.Create(globals));

    private static FuryCommand Status(Globals globals) =>
        new FuryCommand("status", "The mesh at a glance: hosts, proxies, and who is behind with what.", "fury mesh status")
            .Runs(globals, async (call, cancellation) =>
            {
                var answer = await call.Api.Get(Routes.MeshStatus, cancellation);
                if (call.Json)
                {
                    call.Out.WriteLine(answer.Text);
                    return;
                }

                Write(call.Out, answer.Read<MeshStatus>());
            });

    private static void Write(TextWriter output, MeshStatus status)
    {
        TextTable.WriteFacts(
            output,
            ("revision", Plain.Number(status.Revision)),
            ("proxies", $"{status.ConnectedProxies} connected, {status.GoneProxies} gone"));
        output.WriteLine();
        var hosts = new TextTable("HOST", "LIVE", "REVISION", "HEARD", "PROXIES");
        foreach (var host in status.Hosts)
        {
            hosts.Row(host.Host, host.Live ? "yes" : "no", Plain.Number(host.Revision), Plain.Time(host.HeardAt), Plain.Number(host.Proxies));
        }

        hosts.Write(output);
        output.WriteLine();
        if (status.Behind.Count == 0)
        {
            output.WriteLine("Every proxy routes by what there is.");
            return;
        }

        var behind = new TextTable("SCOPE", "PROXY", "STAGE", "SINCE", "WHY");
        foreach (var one in status.Behind)
        {
            behind.Row(one.Scope, one.Proxy, one.Stage, Plain.Time(one.Since), one.Detail);
        }

        behind.Write(output);
    }

    private static FuryCommand Proxies(Globals globals) =>
        new FuryCommand("proxies", "Every proxy that is known.", "fury mesh proxies").Lists<MeshProxy>(
            globals,
            _ => Routes.MeshProxies,
            _ => "No proxy is known.",
            ["PROXY", "SCOPE", "AGENT", "HOST", "USES", "SINCE", "GONE"],
            one =>
            [
                one.Proxy, one.Scope, one.Agent, one.Host, Plain.Number(one.Uses.Count), Plain.Time(one.ConnectedAt),
                one.LeftAt is { } left ? Plain.Time(left) : null,
            ]);

    private static FuryCommand RoutesOf(Globals globals) =>
        new FuryCommand("routes", "The routes of every scope, a line for each.", "fury mesh routes").Lists<MeshRoutes>(
            globals,
            _ => Routes.MeshRoutes,
            _ => "Nothing is routed.",
            ["SCOPE", "HOST", "VERSION", "POOLS"],
            one =>
            [
                one.Scope, one.Host, Plain.Number(one.Version),
                string.Join(", ", one.Pools.Select(pool => $"{pool.Pool} {pool.Weight} % ({pool.Endpoints.Count} ready)")),
            ]);

    private static FuryCommand Diff(Globals globals)
    {
        var proxy = Name();
        return new FuryCommand("diff", "What a proxy has, against what it should have.", "fury mesh diff shop-web-1")
            .With(proxy)
            .Runs(globals, async (call, cancellation) =>
            {
                var answer = await call.Api.Get(Routes.MeshProxy(call.Value(proxy)!), cancellation);
                if (call.Json)
                {
                    call.Out.WriteLine(answer.Text);
                    return;
                }

                var diff = answer.Read<MeshDiff>();
                call.Out.WriteLine(diff.IsSame ? "It has everything as it should be." : "It differs:");
                var table = new TextTable("TYPE", "NAME", "HAS", "SHOULD", "SENT", "REFUSED");
                foreach (var resource in diff.Resources.OrderBy(resource => resource.Has == resource.Should))
                {
                    table.Row(resource.Type, resource.Name, resource.Has, resource.Should, resource.Sent, resource.Rejected);
                }

                table.Write(call.Out);
            });
    }

    private static FuryCommand Forget(Globals globals)
    {
        var proxy = Name();
        return new FuryCommand("forget", "Lets go of a proxy that is gone for good, so that nobody waits for it.", "fury mesh forget shop-web-1")
            .With(proxy)
            .Runs(globals, async (call, cancellation) =>
            {
                await call.Api.Delete(Routes.MeshProxy(call.Value(proxy)!), cancellation);
                if (!call.Json)
                {
                    call.Out.WriteLine("Forgotten.");
                }
            });
    }

    private static Argument<string> Name() => new("PROXY") { Description = "Its name, as 'fury mesh proxies' shows it." };
}
