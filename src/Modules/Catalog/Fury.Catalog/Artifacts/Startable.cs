using Fury.Artifacts;
using Fury.Kernel;

namespace Fury.Catalog.Artifacts;

/// <summary>Whether an operating system could start a file, as far as its first bytes tell.</summary>
internal static class Startable
{
    /// <summary>What the command would have to be, as a phrase; null when it can be started.</summary>
    public static string? Problem(ArtifactTree tree, string command)
    {
        if (tree.File(command) is not { } file)
        {
            return "a file inside the artifact";
        }

        if (!file.Executable)
        {
            return "a file that its owner may execute (chmod +x)";
        }

        return HasKnownFormat(Head(tree, file)) ? null : "an executable: ELF, Mach-O or a script that begins with #!";
    }

    /// <summary>ELF, Mach-O of either byte order, a universal Mach-O, or a script.</summary>
    public static bool HasKnownFormat(ReadOnlySpan<byte> head) => head switch
    {
        [0x7f, 0x45, 0x4c, 0x46, ..] => true,
        [0xfe, 0xed, 0xfa, 0xce or 0xcf, ..] => true,
        [0xce or 0xcf, 0xfa, 0xed, 0xfe, ..] => true,
        [0xca, 0xfe, 0xba, 0xbe, ..] => true,
        [0x23, 0x21, ..] => true,
        _ => false,
    };

    /// <summary>What the command is made for, as its header tells; none of what runs on any, or does not tell.</summary>
    public static IReadOnlyList<Architecture> Architectures(ArtifactTree tree, string command) =>
        tree.File(command) is { } file && Elf.Machine(Head(tree, file)) is { } machine ? [machine] : [];

    private static byte[] Head(ArtifactTree tree, ArtifactEntry file)
    {
        // What has no length may be a pipe, and opening a pipe can wait for ever.
        if (file.Length == 0)
        {
            return [];
        }

        using var handle = File.OpenHandle(Path.Join(tree.Root, file.Path));
        var head = new byte[Elf.HeaderBytes];
        return head[..RandomAccess.Read(handle, head, 0)];
    }
}
