using Fury.Kernel;

namespace Fury.ClusterApi.Kubernetes.Access;

/// <summary>The data that a kubeconfig holds inline (<c>…-data</c>, base64) or in a file beside it.</summary>
internal sealed class KubeconfigFiles(string folder, KubeconfigMachine machine)
{
    private const int FileBytesMax = 1 << 20;

    public KubeconfigMachine Machine => machine;

    public string Whole(string path) => Path.GetFullPath(path, folder);

    /// <summary>Null when the key is set in neither form.</summary>
    public Outcome<byte[]?> Data(KubeconfigNode node, string key)
    {
        if (node.Text($"{key}-data") is { } inline)
        {
            var bytes = new byte[inline.Length];
            return Convert.TryFromBase64String(inline, bytes, out var length)
                ? bytes[..length]
                : Fault.Invalid($"{node.At($"{key}-data")} is not base64.");
        }

        if (node.Text(key) is not { } path)
        {
            return default(Outcome<byte[]?>);
        }

        if (!machine.IsTrusted)
        {
            return Untrusted(node.At(key), "a file");
        }

        return machine.Read(Whole(path)) switch
        {
            null => Fault.Invalid($"{node.At(key)} names the file {Whole(path)}, which cannot be read."),
            { Length: > FileBytesMax } => Fault.Invalid($"{node.At(key)} names the file {Whole(path)}, which is larger than {FileBytesMax} bytes."),
            var bytes => bytes,
        };
    }

    public static Fault Untrusted(string place, string what) => new(
        FaultKind.Forbidden,
        $"{place} names {what} of this machine. A kubeconfig that is sent here must hold everything itself (…-data, token); one with files or "
        + "programs is connected on the host.");
}
