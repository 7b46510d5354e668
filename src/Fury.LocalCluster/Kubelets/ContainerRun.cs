using System.ComponentModel;
using System.Text.Json.Nodes;
using Fury.Processes;
using Fury.Providers.Contracts;
using Fury.Providers.Local;

namespace Fury.LocalCluster;

/// <summary>Starts the process of a container.</summary>
internal static class ContainerRun
{
    private const int PortDefault = 8080;

    public static int PortOf(JsonNode? container) => (int)((container.Array("ports") ?? []).FirstOrDefault().Number("containerPort") ?? PortDefault);

    /// <summary>Whether the image can be had: a folder of this machine.</summary>
    /// <exception cref="ContainerRefused">It cannot.</exception>
    public static void Pull(string image)
    {
        if (!Uri.TryCreate(image, UriKind.Absolute, out var uri) || !uri.IsFile)
        {
            throw new ContainerRefused("ErrImagePull", $"failed to pull \"{image}\": an image of a local cluster is the address of a folder, file:///folder");
        }

        if (!Directory.Exists(uri.LocalPath))
        {
            throw new ContainerRefused("ErrImagePull", $"failed to pull \"{image}\": not found");
        }
    }

    /// <exception cref="ContainerRefused">There is no such program in the image, or it cannot be started.</exception>
    public static InstanceProcess Start(
        JsonObject container, string id, string address, IReadOnlyDictionary<string, string> environment, InstanceFolder folder)
    {
        string[] words = [.. (container.Array("command") ?? []).Concat(container.Array("args") ?? []).Select(word => word.Text() ?? "")];
        if (words.Length == 0)
        {
            throw new ContainerRefused("CreateContainerError", "no command specified: the folder of an image names no program by itself");
        }

        var image = container.Text("image")!;
        var executable = ArtifactFolder.Locate(image, words[0]);
        if (!executable.IsOk)
        {
            throw new ContainerRefused("RunContainerError", executable.Fault.Message);
        }

        Directory.CreateDirectory(folder.Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var request = new InstanceRequest(id, "", image, words[0], words[1..], environment, 0, 0, new Dictionary<string, string>());
        var record = new InstanceRecord(id, request, address, PortOf(container), Wish.Run, null, 0, null, null);
        try
        {
            return InstanceProcess.Start(Launch.Of(record, executable.Value, folder));
        }
        catch (Win32Exception refused)
        {
            throw new ContainerRefused("RunContainerError", refused.Message);
        }
    }
}
