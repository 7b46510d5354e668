using System.Buffers;
using System.Security.Cryptography;
using Fury.Sdk.Drivers;
using Fury.Sdk.Objects;

namespace Fury.Sdk.Moving;

/// <summary>Bytes from one bucket to another, with one part of them in memory.</summary>
internal static class ObjectTransfer
{
    private static readonly TimeSpan AbortTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Takes what was opened to its end into an object.</summary>
    /// <param name="sha256">What the bytes must be; empty: it is not known.</param>
    /// <param name="isWrite">As for <see cref="Sides"/>.</param>
    /// <exception cref="FuryException"><see cref="FuryErrorCode.Corrupted"/>: the bytes are not those that were written, and are not kept.</exception>
    public static async ValueTask<ObjectPut> Write(
        IObjectDriver from, DriverObject opened, IObjectDriver to, string key, ObjectHeaders headers, ReadOnlyMemory<byte> sha256,
        WriteCondition condition, bool isWrite, TimeProvider clock, CancellationToken cancellation)
    {
        if (opened.Properties.Length > ObjectParts.First)
        {
            return await WriteParts(from, opened, to, key, headers, sha256, condition, isWrite, clock, cancellation);
        }

        var bytes = new byte[(int)opened.Properties.Length];
        var count = await from.Ask(
            _ => opened.Content.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellation), isWrite: false, cancellation);
        var hash = SHA256.HashData(bytes.AsSpan(0, count));
        Verify(count, hash, opened, sha256);
        return await to.Ask(each => each.PutAsync(key, bytes, headers, hash, condition, cancellation), isWrite, cancellation);
    }

    /// <summary>The SHA-256 of an object, by reading it; null when another one is there by now.</summary>
    public static async ValueTask<byte[]?> Hash(IObjectDriver from, string key, ETag tag, CancellationToken cancellation)
    {
        await using var opened = await from.Ask(each => each.OpenAsync(key, 0, null, cancellation), isWrite: false, cancellation);
        return opened is null || opened.Properties.ETag != tag
            ? null
            : await from.Ask(_ => SHA256.HashDataAsync(opened.Content, cancellation), isWrite: false, cancellation);
    }

    private static async ValueTask<ObjectPut> WriteParts(
        IObjectDriver from, DriverObject opened, IObjectDriver to, string key, ObjectHeaders headers, ReadOnlyMemory<byte> sha256,
        WriteCondition condition, bool isWrite, TimeProvider clock, CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var upload = await to.Ask(each => each.BeginUploadAsync(key, headers, cancellation), isWrite: false, cancellation);
        var part = ArrayPool<byte>.Shared.Rent(ObjectParts.First);
        var put = default(ObjectPut);
        try
        {
            List<string> tags = [];
            var sent = 0L;
            while (true)
            {
                var size = ObjectParts.Size(tags.Count + 1);
                if (part.Length < size)
                {
                    ArrayPool<byte>.Shared.Return(part);
                    part = ArrayPool<byte>.Shared.Rent(size);
                }

                var bytes = part.AsMemory(0, size);
                var count = await from.Ask(
                    _ => opened.Content.ReadAtLeastAsync(bytes, size, throwOnEndOfStream: false, cancellation), isWrite: false, cancellation);
                if (count == 0)
                {
                    break;
                }

                hash.AppendData(bytes.Span[..count]);
                sent += count;
                tags.Add(await to.Ask(
                    each => each.UploadPartAsync(key, upload, tags.Count + 1, bytes[..count], cancellation), isWrite: false, cancellation));
            }

            var whole = hash.GetHashAndReset();
            Verify(sent, whole, opened, sha256);
            return put = await to.Ask(each => each.CommitUploadAsync(key, upload, tags, whole, condition, cancellation), isWrite, cancellation);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(part);
            if (!put.Applied)
            {
                await Abort(to, key, upload, clock);
            }
        }
    }

    private static async ValueTask Abort(IObjectDriver to, string key, string upload, TimeProvider clock)
    {
        using var late = new CancellationTokenSource(AbortTimeout, clock);
        try
        {
            await to.AbortUploadAsync(key, upload, late.Token);
        }
        catch (Exception)
        {
            // The parts are left to the provider's own clean-up of unfinished uploads.
        }
    }

    private static void Verify(long count, ReadOnlySpan<byte> hash, DriverObject opened, ReadOnlyMemory<byte> sha256)
    {
        if (count != opened.Properties.Length || !(sha256.IsEmpty || hash.SequenceEqual(sha256.Span)))
        {
            throw new FuryException(
                FuryErrorCode.Corrupted,
                $"{count:N0} of {opened.Properties.Length:N0} bytes of '{opened.Properties.Key}' were read, and they are not those that were written.");
        }
    }
}
