using System.Text.Json;
using System.Text.Json.Nodes;
using Fury.Kernel;

namespace Fury.Agent;

/// <summary>What a manifest says of one blob.</summary>
internal sealed record Descriptor(string MediaType, string Digest, long Size);

/// <summary>An image of one kind of machine: its configuration and its layers, the lowest first.</summary>
internal sealed record Manifest(Descriptor Config, IReadOnlyList<Descriptor> Layers);

/// <summary>What an image starts when nobody says otherwise.</summary>
/// <param name="User">Name or number, with or without a group behind a colon; empty: root.</param>
internal sealed record ImageConfig(IReadOnlyList<string> Words, IReadOnlyDictionary<string, string> Environment, string Folder, string User);

/// <summary>Reads the documents of images, those of OCI and those of Docker, which differ in their media types only.</summary>
internal static class Manifests
{
    public const string Accepted =
        "application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.list.v2+json, "
        + "application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json";

    private const int LayersMax = 256;

    /// <summary>The manifest of an index that is for Linux on this kind of machine; null when the document is a manifest itself.</summary>
    public static Outcome<Descriptor?> Choose(byte[] document, Architecture? here) => Read<Descriptor?>(document, json =>
    {
        if (json["manifests"] is not JsonArray all)
        {
            return (Descriptor?)null;
        }

        var machine = here is { } known ? Word.Of(known) : "";
        var found = all.FirstOrDefault(one => Text(one?["platform"]?["os"]) == "linux" && Text(one?["platform"]?["architecture"]) == machine);
        return found is not null
            ? Describe(found)
            : Fault.Invalid($"The image is not made for this machine (linux/{machine}), only for "
                + $"{string.Join(", ", all.Select(one => $"{Text(one?["platform"]?["os"])}/{Text(one?["platform"]?["architecture"])}").Distinct())}.");
    });

    public static Outcome<Manifest> Manifest(byte[] document) => Read<Manifest>(document, json =>
    {
        var layers = (json["layers"] as JsonArray ?? []).Select(Describe).ToList();
        var odd = layers.FirstOrDefault(layer => !IsTar(layer.MediaType));
        return layers.Count is 0 or > LayersMax ? Fault.Invalid($"The image has {layers.Count} layers; 1 to {LayersMax} can be unpacked.")
            : odd is not null ? Fault.Invalid($"A layer of the image is '{odd.MediaType}', and only tars can be unpacked, packed with gzip or not.")
            : new Manifest(Describe(json["config"]), layers);
    });

    /// <summary>Refused for another kind of machine than this one.</summary>
    public static Outcome<ImageConfig> Config(byte[] document, Architecture? here) => Read<ImageConfig>(document, json =>
    {
        var machine = Text(json["architecture"]);
        if (here is null || machine != Word.Of(here.Value))
        {
            return Fault.Invalid(
                $"The image is made for {Text(json["os"])}/{machine}, and this machine is {(here is { } known ? Word.Of(known) : "unknown")}.");
        }

        var config = json["config"];
        var environment = Texts(config?["Env"]).Select(variable => variable.Split('=', 2)).Where(pair => pair.Length == 2);
        return new ImageConfig(
            [.. Texts(config?["Entrypoint"]), .. Texts(config?["Cmd"])],
            environment.DistinctBy(pair => pair[0]).ToDictionary(pair => pair[0], pair => pair[1]),
            Text(config?["WorkingDir"]) is { Length: > 0 } folder ? folder : "/",
            Text(config?["User"]));
    });

    private static bool IsTar(string type) => type is "application/vnd.oci.image.layer.v1.tar" or "application/vnd.oci.image.layer.v1.tar+gzip"
        or "application/vnd.docker.image.rootfs.diff.tar" or "application/vnd.docker.image.rootfs.diff.tar.gzip";

    private static Descriptor Describe(JsonNode? node) =>
        new(Text(node?["mediaType"]), Text(node?["digest"]), node?["size"]?.GetValue<long>() ?? -1);

    private static IEnumerable<string> Texts(JsonNode? node) => (node as JsonArray ?? []).Select(Text);

    private static string Text(JsonNode? node) => node?.GetValue<string>() ?? "";

    private static Outcome<T> Read<T>(byte[] document, Func<JsonNode, Outcome<T>> read)
    {
        try
        {
            return JsonNode.Parse(document) is JsonObject json ? read(json) : Fault.Invalid("A document of the image is no JSON object.");
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException or FormatException)
        {
            return Fault.Invalid($"A document of the image cannot be read: {broken.Message}");
        }
    }
}
