using System.Text.Json.Nodes;
using Fury.Cli.Http;
using Fury.Kernel;

namespace Fury.Cli.Project;

/// <summary>Asks the host for what a manifest is about, and for nothing else.</summary>
internal sealed class Reality(FuryApi api)
{
    private const int PageSize = 500;

    /// <summary>What the wishes name, and what of the same kind is beside it: bindings and schedules of the scopes, freezes, webhooks.</summary>
    public async Task<IReadOnlyList<Found>> Of(IReadOnlyList<Wish> wishes, CancellationToken cancellation)
    {
        var found = new List<Found>();
        foreach (var place in wishes.Select(wish => wish.Place).Where(place => place.Thing == Thing.Application))
        {
            var name = ApplicationName.Parse(place.Name);
            if (await One(place, cancellation) is { } application)
            {
                found.Add(application);
                var services = await All(Routes.Services(name), cancellation);
                found.AddRange(services.Select(one => new Found(Place.OfService(name, Text(one, "kind"), Text(one, "name")), [])));
                foreach (var scope in wishes.Select(wish => wish.Place).Where(one => one.Thing == Thing.Scope && one.Name.StartsWith($"{name}/")))
                {
                    found.AddRange(await OfScope(scope, wishes, cancellation));
                }
            }
        }

        if (wishes.Any(wish => wish.Place.Thing == Thing.Freeze))
        {
            found.AddRange(Ours(await All(Routes.Freezes, cancellation), Place.OfFreeze, one => one["covers"]?["applications"], wishes));
        }

        if (wishes.Any(wish => wish.Place.Thing == Thing.Webhook))
        {
            found.AddRange(Ours(await All(Routes.Webhooks, cancellation), Place.OfWebhook, one => one["applications"], wishes));
        }

        return found;
    }

    private async Task<IReadOnlyList<Found>> OfScope(Place place, IReadOnlyList<Wish> wishes, CancellationToken cancellation)
    {
        if (await One(place, cancellation) is not { } settings)
        {
            return [];
        }

        var scope = ScopeRef.Parse(place.Name);
        var found = new List<Found> { settings };
        foreach (var part in wishes.Select(wish => wish.Place).Where(one => one == Place.OfRouting(scope) || one == Place.OfDependencies(scope)))
        {
            if (await One(part, cancellation) is { } there)
            {
                found.Add(there);
            }
        }

        foreach (var status in (await Read(Routes.Bindings(scope), cancellation)).AsArray())
        {
            var binding = status!["binding"]!;
            if (binding["route"] is { } route)
            {
                found.Add(Known(Place.OfBinding(scope, Text(binding, "kind"), Text(binding, "service")), route));
            }
        }

        var schedules = await Schedules(scope, wishes, cancellation);
        found.AddRange(schedules.Select(one => Known(Place.OfSchedule(scope, Text(one, "name")), one)));
        return found;
    }

    /// <summary>A host may have no room for jobs, and then nothing is known of schedules.</summary>
    private Task<IReadOnlyList<JsonNode>> Schedules(ScopeRef scope, IReadOnlyList<Wish> wishes, CancellationToken cancellation) =>
        All(Routes.Schedules(scope), cancellation, isOptional: wishes.All(wish => wish.Place.Thing != Thing.Schedule));

    private async Task<Found?> One(Place place, CancellationToken cancellation) =>
        await api.Find(place.Path, cancellation) is { } answer ? Known(place, JsonNode.Parse(answer.Body)!) : null;

    /// <summary>Again, when somebody else may have changed it.</summary>
    public async Task<Found?> Again(Place place, CancellationToken cancellation) => place.Thing switch
    {
        Thing.Binding or Thing.Service => null,
        _ => await One(place, cancellation),
    };

    /// <summary>
    /// Those that the file names, and those that are about its applications alone: what covers others, or everything, is another's to declare.
    /// </summary>
    private static IEnumerable<Found> Ours(
        IReadOnlyList<JsonNode> all, Func<string, Place> place, Func<JsonNode, JsonNode?> applications, IReadOnlyList<Wish> wishes)
    {
        var named = wishes.Select(wish => wish.Place.Path).ToHashSet();
        var own = wishes.Where(wish => wish.Place.Thing == Thing.Application).Select(wish => wish.Place.Name).ToHashSet();
        return all.Select(one => Known(place(Text(one, "name")), one)).Where((one, index) =>
            named.Contains(one.Place.Path)
            || (applications(all[index]) is JsonArray { Count: > 0 } about && about.All(name => own.Contains(name!.GetValue<string>()))));
    }

    /// <param name="isOptional">Where there is no such list, there is nothing in it.</param>
    private async Task<IReadOnlyList<JsonNode>> All(string path, CancellationToken cancellation, bool isOptional = false)
    {
        var all = new List<JsonNode>();
        string? next = null;
        do
        {
            var after = next is null ? [] : new[] { $"after={Uri.EscapeDataString(next)}" };
            var part = Routes.With(path, [$"limit={PageSize}", .. after]);
            var answer = isOptional && next is null ? await api.Find(part, cancellation) : await api.Get(part, cancellation);
            if (answer is null)
            {
                return [];
            }

            var page = JsonNode.Parse(answer.Body)!;
            all.AddRange(page["items"]!.AsArray().Select(one => one!));
            next = page["next"]?.GetValue<string>();
        }
        while (next is not null);

        return all;
    }

    private async Task<JsonNode> Read(string path, CancellationToken cancellation) => JsonNode.Parse((await api.Get(path, cancellation)).Body)!;

    private static Found Known(Place place, JsonNode answer) =>
        new(place, (JsonObject)Differences.Known(place.Shape, answer)!, answer["revision"]?.ToJsonString());

    private static string Text(JsonNode node, string name) => node[name]!.GetValue<string>();
}
