using System.Buffers.Binary;
using Fury.Kernel;

namespace Fury.Artifacts;

/// <summary>What the header of an ELF program tells (elf(5)).</summary>
internal static class Elf
{
    /// <summary>How much of a file <see cref="Machine"/> has to see.</summary>
    public const int HeaderBytes = 64;

    private const int ByteOrderOffset = 5;
    private const byte LittleEndian = 1;
    private const int MachineOffset = 18;
    private const ushort X64 = 62;
    private const ushort AArch64 = 183;

    public static bool Is(ReadOnlySpan<byte> head) => head.StartsWith("\u007fELF"u8);

    /// <summary>What it is made for; null for what is cut off, no ELF file, or made for another kind of machine.</summary>
    public static Architecture? Machine(ReadOnlySpan<byte> head) =>
        !Is(head) || head.Length < HeaderBytes || head[ByteOrderOffset] != LittleEndian
            ? null
            : BinaryPrimitives.ReadUInt16LittleEndian(head[MachineOffset..]) switch
            {
                X64 => Architecture.Amd64,
                AArch64 => Architecture.Arm64,
                _ => null,
            };
}
