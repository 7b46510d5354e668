using YamlDotNet.RepresentationModel;

namespace Fury.ClusterApi.Kubernetes.Access;

/// <summary>A mapping of a kubeconfig and where it stands. What is missing or of another form reads as absent.</summary>
internal sealed class KubeconfigNode(YamlMappingNode node, string path)
{
    public string Path => path;

    public string At(string key) => path.Length == 0 ? key : $"{path}.{key}";

    public string? Text(string key) => node.Children.TryGetValue(key, out var value) && value is YamlScalarNode { Value: { Length: > 0 } text } ? text : null;

    public bool IsTrue(string key) => Text(key) is { } text && text.Equals("true", StringComparison.OrdinalIgnoreCase);

    public bool Has(string key) => node.Children.ContainsKey(key);

    public KubeconfigNode? Child(string key) =>
        node.Children.TryGetValue(key, out var value) && value is YamlMappingNode mapping ? new(mapping, At(key)) : null;

    public IEnumerable<KubeconfigNode> Items(string key) => node.Children.TryGetValue(key, out var value) && value is YamlSequenceNode list
        ? list.Children.OfType<YamlMappingNode>().Select((item, index) => new KubeconfigNode(item, $"{At(key)}[{index}]"))
        : [];

    public IReadOnlyList<string> Texts(string key) => node.Children.TryGetValue(key, out var value) && value is YamlSequenceNode list
        ? [.. list.Children.OfType<YamlScalarNode>().Select(item => item.Value ?? "")]
        : [];

    /// <summary>The inner mapping of a list's item of that name, e.g. <c>clusters[name].cluster</c>. The first counts, as for everybody else.</summary>
    public KubeconfigNode? Named(string list, string name, string inner) =>
        Items(list).FirstOrDefault(item => item.Text("name") == name)?.Child(inner);
}
