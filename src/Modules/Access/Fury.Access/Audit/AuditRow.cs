using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Fury.Access.Contracts;

namespace Fury.Access.Audit;

/// <summary>An entry in its place of the chain.</summary>
/// <param name="Hash">SHA-256 over the hash of the row before and over everything in this one.</param>
internal sealed record AuditRow(long Seq, DateTimeOffset At, AuditEntry Entry, byte[] Hash)
{
    private static readonly byte[] Nothing = new byte[SHA256.HashSizeInBytes];

    /// <param name="before">The hash of the row before; null for the first.</param>
    /// <param name="at">In whole microseconds, as the database keeps it.</param>
    public static AuditRow Of(byte[]? before, long seq, DateTimeOffset at, AuditEntry entry) => new(seq, at, entry, Chain(before, seq, at, entry));

    public bool Follows(byte[]? before) => CryptographicOperations.FixedTimeEquals(Hash, Chain(before, Seq, At, Entry));

    /// <summary>Each text with its length before it, and absent ones told from empty ones: no two rows have the same bytes.</summary>
    private static byte[] Chain(byte[]? before, long seq, DateTimeOffset at, AuditEntry entry)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(before ?? Nothing);
        Append(hash, seq);
        Append(hash, at.UtcTicks);
        Append(hash, entry.IsDenied ? 1 : 0);
        Append(hash, entry.Status);
        string?[] texts =
        [
            entry.Caller, entry.Via, entry.Credential, entry.From, entry.Method, entry.Route, entry.Path, entry.Application, entry.Scope, entry.Permission,
            entry.Why, entry.Before, entry.After,
        ];
        foreach (var text in texts)
        {
            var bytes = text is null ? [] : Encoding.UTF8.GetBytes(text);
            Append(hash, text is null ? -1 : bytes.Length);
            hash.AppendData(bytes);
        }

        return hash.GetHashAndReset();
    }

    private static void Append(IncrementalHash hash, long number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(bytes, number);
        hash.AppendData(bytes);
    }
}
