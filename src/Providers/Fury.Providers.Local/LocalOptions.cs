namespace Fury.Providers.Local;

internal sealed class LocalOptions
{
    public const string RegionDefault = "this-machine";

    /// <summary>
    /// The regions of the provider, all on this machine: a laptop that is to have several locations names several. None: one,
    /// <see cref="RegionDefault"/>.
    /// </summary>
    public IList<string> Regions { get; } = [];

    /// <summary>Where each instance listens on its own address; its environment variable <c>PORT</c>.</summary>
    public int Port { get; set; } = 8080;

    /// <summary>True: when the host is told to stop, so are the instances, and they start with it again. False: they stay up and are adopted.</summary>
    public bool StopInstancesOnExit { get; set; } = true;

    /// <summary>How long the instances get to end their work when the host stops; then they are killed.</summary>
    public TimeSpan StopGrace { get; set; } = TimeSpan.FromSeconds(4);

    /// <summary>Size in bytes at which a log file is rotated.</summary>
    public long LogBytesMax { get; set; } = 8 * 1024 * 1024;

    /// <summary>How many rotated files are kept beside the one that is written.</summary>
    public int LogFilesMax { get; set; } = 2;
}
