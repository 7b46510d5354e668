using System.CommandLine;
using Fury.Catalog.Contracts;
using Fury.Cli.CommandLine;
using Fury.Cli.Http;
using Fury.Cli.Output;
using Fury.Kernel;

namespace Fury.Cli.Services;

internal static class ServiceCommand
{
    public static FuryCommand Create(Globals globals) => new FuryCommand("service", "Cloud services of an application, and what stands behind them.")
        .With(CreateOne(globals), List(globals), Bind(globals), Switch(globals), Unbind(globals), Status(globals), MoveCommand.Create(globals),
            MoveCommand.List(globals), AttestCommand.Create(globals));

    private static FuryCommand CreateOne(Globals globals)
    {
        var (kind, name) = (Kind(), Name());
        return new FuryCommand("create", "Declares a service, as the application's code names it.", "fury service create key-value carts -a shop")
            .With(kind, name, globals.Application)
            .Runs(globals, async (call, cancellation) =>
            {
                var (service, application) = (Read(call, kind, name), call.Application());
                var answer = await call.Api.Put(Routes.Service(application, service.Kind, service.Name), new { }, null, cancellation);
                call.Out.WriteLine(call.Json ? answer.Text : $"Service {service.Name} ({service.Kind}) of {application} is declared.");
            });
    }

    private static FuryCommand List(Globals globals) => new FuryCommand("list", "The application's services.", "fury service list -a shop")
        .With(globals.Application)
        .Lists<Service>(
            globals,
            call => Routes.Services(call.Application()),
            call => $"No services yet. Declare one: fury service create key-value carts -a {call.Application()}",
            ["SERVICE", "KIND", "CREATED"],
            one => [one.Name.Value, Word.Of(one.Kind), Plain.Time(one.CreatedAt)]);

    private static FuryCommand Bind(Globals globals)
    {
        var (kind, name, route) = (Kind(), Name(), new RouteOptions());
        return new FuryCommand(
                "bind",
                "Says what stands behind a service in a scope. Running instances take it at once.",
                "fury service bind key-value carts -a shop -s production-web --driver redis --endpoint redis://10.0.0.7:6379")
            .With(kind, name)
            .With(route.All)
            .With(globals.Application, globals.Scope, globals.By)
            .Runs(globals, async (call, cancellation) =>
            {
                var (service, scope) = (Read(call, kind, name), call.Scope());
                await route.Attest(call, scope, service, cancellation);
                Tell(call, await call.Api.Put(Routes.Binding(scope, service.Kind, service.Name), route.Read(call), null, cancellation));
            });
    }

    private static FuryCommand Switch(Globals globals)
    {
        var (kind, name, route) = (Kind(), Name(), new RouteOptions());
        var wait = new Option<int>("--wait")
        {
            Description = "How long to wait until every instance has it in force.",
            HelpName = "SECONDS",
            DefaultValueFactory = _ => 60,
        };
        return new FuryCommand(
                "switch",
                "Changes what stands behind a bound service while it runs, and waits until every instance has it. No call fails, and no data moves.",
                "fury service switch key-value carts -a shop -s production-web --driver redis --endpoint redis://10.0.0.8:6379")
            .With(kind, name, wait)
            .With(route.All)
            .With(globals.Application, globals.Scope, globals.By)
            .Runs(globals, async (call, cancellation) =>
            {
                var (service, scope) = (Read(call, kind, name), call.Scope());
                var bound = await Statuses(call.Api, scope, cancellation);
                if (!bound.Any(one => Is(one, service)))
                {
                    throw Refused($"Nothing is bound to {service.Name} ({service.Kind}) in {scope}: fury service bind.");
                }

                await route.Attest(call, scope, service, cancellation);
                var answer = await call.Api.Put(Routes.Binding(scope, service.Kind, service.Name), route.Read(call), null, cancellation);
                var epoch = answer.Read<ServiceBinding>().Epoch;
                var status = await Settled(call.Api, scope, service, epoch, TimeSpan.FromSeconds(call.Value(wait)), cancellation);
                Tell(call, answer);
                if (!call.Json)
                {
                    call.Out.WriteLine($"In force in {status.InForce} instances.");
                }
            });
    }

    private static FuryCommand Unbind(Globals globals)
    {
        var (kind, name) = (Kind(), Name());
        return new FuryCommand(
                "unbind",
                "Takes a binding back. Running instances keep what they have; new ones that need the service do not start.",
                "fury service unbind key-value carts -a shop -s production-web")
            .With(kind, name, globals.Application, globals.Scope, globals.By)
            .Runs(globals, async (call, cancellation) =>
            {
                var (service, scope) = (Read(call, kind, name), call.Scope());
                var path = Routes.With(Routes.Binding(scope, service.Kind, service.Name), [$"by={Uri.EscapeDataString(call.By)}"]);
                var answer = await call.Api.Delete(path, cancellation);
                call.Out.WriteLine(call.Json ? answer.Text : $"Nothing stands behind {service.Name} in {scope} any more.");
            });
    }

    private static FuryCommand Status(Globals globals) => new FuryCommand(
            "status", "What is bound in a scope, and which instances have it in force.", "fury service status -a shop -s production-web")
        .With(globals.Application, globals.Scope)
        .Runs(globals, async (call, cancellation) =>
        {
            var scope = call.Scope();
            var answer = await call.Api.Get(Routes.Bindings(scope), cancellation);
            if (call.Json)
            {
                call.Out.WriteLine(answer.Text);
                return;
            }

            var statuses = answer.Read<List<BindingStatus>>();
            if (statuses.Count == 0)
            {
                call.Out.WriteLine($"Nothing is bound in {scope}.");
                return;
            }

            var table = new TextTable("SERVICE", "KIND", "DRIVER", "RESOURCE", "EPOCH", "IN FORCE", "BEHIND");
            foreach (var (binding, inForce, behind) in statuses)
            {
                table.Row(
                    binding.Service.Value, Word.Of(binding.Kind), binding.Route?.Driver, binding.Route?.Resource, Plain.Number(binding.Epoch),
                    Plain.Number(inForce), Plain.Number(behind.Count));
            }

            table.Write(call.Out);
            foreach (var binding in statuses.Select(one => one.Binding).Where(one => one.Move is not null))
            {
                var (target, phase) = binding.Move!;
                call.Out.WriteLine(
                    $"{binding.Service} ({Word.Of(binding.Kind)}) moves to {target.Driver} ({target.Resource}), and is {Word.Of(phase)}: fury service moves.");
            }

            foreach (var holder in statuses.SelectMany(one => one.Behind))
            {
                call.Out.WriteLine($"{holder.Instance} is at epoch {holder.Epoch}{(holder.Refused is null ? "" : $": {holder.Refused}")}");
            }
        });

    /// <summary>Waits until every instance that lives has the epoch, or has refused it.</summary>
    internal static async Task<BindingStatus> Settled(
        FuryApi api, ScopeRef scope, (string Kind, string Name) service, long epoch, TimeSpan atMost, CancellationToken cancellation)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var status = (await Statuses(api, scope, cancellation)).SingleOrDefault(one => Is(one, service))
                ?? throw Refused($"Somebody has taken the binding of {service.Name} back.");
            var late = status.Behind.Where(holder => holder.Epoch != epoch).ToList();
            if (late.Count == 0)
            {
                return status;
            }

            if (late.FirstOrDefault(holder => holder.Refused is not null) is { } refused)
            {
                throw Refused($"{refused.Instance} stays at epoch {refused.Epoch}: {refused.Refused}");
            }

            if (TimeProvider.System.GetElapsedTime(began) > atMost)
            {
                throw Refused(
                    $"After {atMost.TotalSeconds} s {late.Count} instances do not have epoch {epoch}, {late[0].Instance} among them: fury service status.");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(200), cancellation);
        }
    }

    private static async Task<List<BindingStatus>> Statuses(FuryApi api, ScopeRef scope, CancellationToken cancellation) =>
        (await api.Get(Routes.Bindings(scope), cancellation)).Read<List<BindingStatus>>();

    private static void Tell(Invocation call, Answer answer)
    {
        if (call.Json)
        {
            call.Out.WriteLine(answer.Text);
            return;
        }

        var binding = answer.Read<ServiceBinding>();
        var (driver, resource) = (binding.Route?.Driver, binding.Route?.Resource);
        call.Out.WriteLine($"{binding.Service} in {binding.Scope} is bound to {driver} ({resource}) from epoch {binding.Epoch} on.");
    }

    private static bool Is(BindingStatus status, (string Kind, string Name) service) =>
        (Word.Of(status.Binding.Kind), status.Binding.Service.Value) == service;

    internal static CommandFailure Refused(string message) => new(ExitCode.Failed, message);

    internal static (string Kind, string Name) Read(Invocation call, Argument<string?> kind, Argument<string?> name) =>
        (call.Value(kind)!, Invocation.Checked(check => check.Name<ServiceName>(call.Value(name), "NAME")).Value);

    internal static Argument<string?> Kind()
    {
        var kind = new Argument<string?>("KIND") { Description = "What kind of service it is." };
        kind.AcceptOnlyFromAmong([.. Word.All<ServiceKind>()]);
        return kind;
    }

    internal static Argument<string?> Name() => new("NAME") { Description = "As the application's code names it, e.g. carts." };
}
