using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;

namespace Fury.Agent.Tests;

/// <summary>Builds tars in memory, also those that nobody should unpack.</summary>
internal sealed class Tars
{
    private const UnixFileMode Read = UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode Execute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private readonly List<TarEntry> _entries = [];

    /// <summary>A process that writes what it does, and ends when it is asked to.</summary>
    public static Tars Serving => new Tars().Script("run", """
        echo "started as ${FURY_INSTANCE_ID:-nobody} on $FURY_ADDRESS:$PORT"
        trap 'echo ending; exit 0' TERM
        while :; do sleep 0.05; done
        """);

    public Tars File(string name, string text, bool executable = false, int owner = 0) => Add(new PaxTarEntry(TarEntryType.RegularFile, name)
    {
        DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text)),
        Mode = executable ? Read | Execute : Read,
        Uid = owner,
        Gid = owner,
    });

    public Tars Script(string name, string text) => File(name, $"#!/bin/sh\n{text}\n", executable: true);

    /// <summary>A program of this machine, with what it is linked with.</summary>
    public Tars Copy(string path) => Add(new PaxTarEntry(TarEntryType.RegularFile, path.TrimStart('/'))
    {
        DataStream = new MemoryStream(System.IO.File.ReadAllBytes(path)),
        Mode = Read | Execute,
    });

    public Tars Folder(string name) => Add(new PaxTarEntry(TarEntryType.Directory, name) { Mode = Read | Execute | UnixFileMode.UserWrite });

    public Tars Link(string name, string target) => Add(new PaxTarEntry(TarEntryType.SymbolicLink, name) { LinkName = target });

    public Tars HardLink(string name, string target) => Add(new PaxTarEntry(TarEntryType.HardLink, name) { LinkName = target });

    public Tars Special(string name, TarEntryType type) => Add(new PaxTarEntry(type, name));

    public byte[] Bytes(bool packed = true)
    {
        var bytes = new MemoryStream();
        using (var to = packed ? new GZipStream(bytes, CompressionLevel.Fastest, leaveOpen: true) : (Stream)bytes)
        using (var tar = new TarWriter(to, TarEntryFormat.Pax, leaveOpen: true))
        {
            foreach (var entry in _entries)
            {
                if (entry.DataStream is { } content)
                {
                    content.Position = 0;
                }

                tar.WriteEntry(entry);
            }
        }

        return bytes.ToArray();
    }

    public static string Digest(byte[] bytes) => $"sha256:{Convert.ToHexStringLower(SHA256.HashData(bytes))}";

    private Tars Add(TarEntry entry)
    {
        _entries.Add(entry);
        return this;
    }
}
