using System.Net;
using System.Text.Json;
using Fury.Kernel;

namespace Fury.ClusterApi.Kubernetes.Wire;

/// <summary>What a list is of: a kind, where, and which of them.</summary>
internal sealed record KubeSelection(KubeResource Resource, string? Space = null, string? Labels = null, string? Fields = null)
{
    private static readonly TimeSpan ListTimeout = TimeSpan.FromSeconds(60);

    /// <summary>The path of all of them at once.</summary>
    public string All => $"{Resource.In(Space)}?{Selectors.TrimStart('&')}";

    /// <param name="next">The token of the page before; null for the first.</param>
    public KubeCall Page(int limit, string? next)
    {
        var path = $"{Resource.In(Space)}?limit={limit}{Parameter("continue", next)}{Selectors}";
        return new KubeCall(HttpMethod.Get, path, "list", Resource.Name) { Timeout = ListTimeout };
    }

    /// <param name="version">The last one that was seen.</param>
    public KubeCall Watch(string version, TimeSpan atMost) => new(
        HttpMethod.Get,
        $"{Resource.In(Space)}?watch=true&allowWatchBookmarks=true&resourceVersion={Uri.EscapeDataString(version)}"
            + $"&timeoutSeconds={(int)atMost.TotalSeconds}{Selectors}",
        "watch",
        Resource.Name);

    private string Selectors => Parameter("labelSelector", Labels) + Parameter("fieldSelector", Fields);

    private static string Parameter(string name, string? value) => value is null ? "" : $"&{name}={Uri.EscapeDataString(value)}";
}

/// <summary>A page of a list.</summary>
/// <param name="Next">Null: it was the last.</param>
/// <param name="Version">Of the list as a whole; where a watch goes on.</param>
internal sealed record KubePage(IReadOnlyList<JsonElement> Items, string? Next, string Version);

internal static class KubePages
{
    public const int PageMax = 500;

    /// <summary>A list that changes so fast that its pages expire is begun anew so often.</summary>
    private const int RestartsMax = 5;

    public static async Task<Outcome<KubePage>> Page(this KubeClient client, KubeSelection selection, string? next, CancellationToken cancellation) =>
        (await client.Call(selection.Page(PageMax, next), cancellation)).Then<KubePage>(list => new KubePage(
            [.. list.Items("items")], list.At("metadata").Text("continue"), list.At("metadata").Text("resourceVersion") ?? ""));

    /// <summary>All pages, each item read as soon as it is there, so that no more than a page is held raw.</summary>
    public static async Task<Outcome<IReadOnlyList<T>>> All<T>(
        this KubeClient client, KubeSelection selection, Func<JsonElement, T> read, CancellationToken cancellation)
    {
        for (var restarts = 0; ; restarts++)
        {
            var items = new List<T>();
            string? next = null;
            Fault? fault = null;
            do
            {
                var page = await client.Page(selection, next, cancellation);
                fault = page.Fault;
                if (page.IsOk)
                {
                    items.AddRange(page.Value.Items.Select(read));
                    next = page.Value.Next;
                }
            }
            while (fault is null && next is not null);

            if (fault is null)
            {
                return items;
            }

            if (!fault.IsStatus(HttpStatusCode.Gone) || restarts == RestartsMax)
            {
                return fault;
            }
        }
    }
}
