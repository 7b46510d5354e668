using System.Globalization;
using Fury.Sdk.Drivers;

namespace Fury.Sdk.Local;

internal sealed partial class LocalObjects
{
    public ValueTask<string> BeginUploadAsync(string key, ObjectHeaders headers, CancellationToken cancellation)
    {
        lock (_gate)
        {
            var id = string.Create(CultureInfo.InvariantCulture, $"upload-{++_counter}");
            _uploads[id] = new Upload(key, headers);
            return ValueTask.FromResult(id);
        }
    }

    public ValueTask<string> UploadPartAsync(string key, string upload, int number, ReadOnlyMemory<byte> body, CancellationToken cancellation)
    {
        lock (_gate)
        {
            Open(key, upload).Parts[number] = body.ToArray();
            return ValueTask.FromResult(string.Create(CultureInfo.InvariantCulture, $"{upload}.{number}"));
        }
    }

    public ValueTask<ObjectPut> CommitUploadAsync(
        string key, string upload, IReadOnlyList<string> tags, ReadOnlyMemory<byte> sha256, WriteCondition condition,
        CancellationToken cancellation)
    {
        lock (_gate)
        {
            var open = Open(key, upload);
            if (!tags.SequenceEqual(open.Parts.Keys.Select(number => string.Create(CultureInfo.InvariantCulture, $"{upload}.{number}"))))
            {
                throw Failure.Invalid($"The upload has {open.Parts.Count} parts, and the commit names {tags.Count} others.");
            }

            var put = Store(key, [.. open.Parts.Values], open.Headers, sha256, condition);
            if (put.Applied)
            {
                _uploads.Remove(upload);
            }

            return ValueTask.FromResult(put);
        }
    }

    public ValueTask AbortUploadAsync(string key, string upload, CancellationToken cancellation)
    {
        lock (_gate)
        {
            _uploads.Remove(upload);
            return ValueTask.CompletedTask;
        }
    }

    private Upload Open(string key, string upload) => _uploads.TryGetValue(upload, out var open) && open.Key == key
        ? open
        : throw Failure.Invalid("The upload is over; begin again.");

    private sealed record Upload(string Key, ObjectHeaders Headers)
    {
        public SortedList<int, byte[]> Parts { get; } = [];
    }
}
