using System.Globalization;
using Fury.Processes;
using Fury.Providers.Local;

namespace Fury.LocalCluster;

/// <summary>
/// Folders of clusters whose process was killed, and the processes of their pods, which outlive it as they are leaders of their own sessions. Each
/// folder says whose it is; whoever starts pods next clears away what belongs to nobody any more.
/// </summary>
internal static class Leftovers
{
    private const string FolderPrefix = "fury-local-cluster-";
    private const string OwnerFile = "owner";

    /// <summary>A folder for the pods of this process.</summary>
    public static string NewFolder()
    {
        Sweep();
        var folder = Directory.CreateTempSubdirectory(FolderPrefix).FullName;
        var self = ProcFs.Stat(Environment.ProcessId);
        File.WriteAllText(Path.Combine(folder, OwnerFile), string.Create(CultureInfo.InvariantCulture, $"{self?.Pid} {self?.StartTicks}"));
        return folder;
    }

    /// <summary>Ends what runs of the pods of a folder. Only when nobody else uses it.</summary>
    public static void End(string folder)
    {
        foreach (var pid in InstanceMark.Find(InstanceRecord.PrefixOf(folder)).Values)
        {
            InstanceProcess.KillGroupOf(pid);
        }
    }

    private static void Sweep()
    {
        foreach (var folder in Directory.EnumerateDirectories(Path.GetTempPath(), FolderPrefix + "*"))
        {
            try
            {
                if (IsAbandoned(folder))
                {
                    End(folder);
                    Directory.Delete(folder, recursive: true);
                }
            }
            catch (Exception busy) when (busy is IOException or UnauthorizedAccessException)
            {
                // Somebody else sweeps it, or it is another user's.
            }
        }
    }

    /// <summary>A folder without its owner's name is being made right now.</summary>
    private static bool IsAbandoned(string folder) =>
        File.Exists(Path.Combine(folder, OwnerFile))
        && File.ReadAllText(Path.Combine(folder, OwnerFile)).Split(' ') is [var pidText, var ticksText]
        && int.TryParse(pidText, CultureInfo.InvariantCulture, out var pid)
        && long.TryParse(ticksText, CultureInfo.InvariantCulture, out var ticks)
        && !(ProcFs.Stat(pid) is { Alive: true } owner && owner.StartTicks == ticks);
}
