using Fury.Sdk.Drivers;
using Fury.Sdk.Objects;

namespace Fury.Sdk.Moving;

/// <summary>A bucket to which objects move or have moved. Its ETags have a beginning of their own: none of the bucket before is taken for one.</summary>
internal sealed class RenamedObjects(string begin, IObjectDriver driver) : IObjectDriver
{
    private readonly string _begin = begin + ".";

    public string Provider => driver.Provider;

    public CapabilitySet Declared => driver.Declared;

    public bool EndsAtOnce => driver.EndsAtOnce;

    public object? Native => driver.Native;

    public FuryException Translate(Exception error) => driver.Translate(error);

    public ValueTask ProbeAsync(CancellationToken cancellation) => driver.ProbeAsync(cancellation);

    public ValueTask DisposeAsync() => driver.DisposeAsync();

    public async ValueTask<ObjectProperties?> HeadAsync(string key, CancellationToken cancellation) => Shown(await driver.HeadAsync(key, cancellation));

    public async ValueTask<DriverObject?> OpenAsync(string key, long offset, long? length, CancellationToken cancellation) =>
        await driver.OpenAsync(key, offset, length, cancellation) is { } opened ? opened with { Properties = Shown(opened.Properties)! } : null;

    public async ValueTask<ObjectPut> PutAsync(
        string key, ReadOnlyMemory<byte> body, ObjectHeaders headers, ReadOnlyMemory<byte> sha256, WriteCondition condition,
        CancellationToken cancellation) =>
        Own(condition) is { } own ? Shown(await driver.PutAsync(key, body, headers, sha256, own, cancellation)) : default;

    public ValueTask<string> BeginUploadAsync(string key, ObjectHeaders headers, CancellationToken cancellation) =>
        driver.BeginUploadAsync(key, headers, cancellation);

    public ValueTask<string> UploadPartAsync(string key, string upload, int number, ReadOnlyMemory<byte> body, CancellationToken cancellation) =>
        driver.UploadPartAsync(key, upload, number, body, cancellation);

    public async ValueTask<ObjectPut> CommitUploadAsync(
        string key, string upload, IReadOnlyList<string> tags, ReadOnlyMemory<byte> sha256, WriteCondition condition, CancellationToken cancellation) =>
        Own(condition) is { } own ? Shown(await driver.CommitUploadAsync(key, upload, tags, sha256, own, cancellation)) : default;

    public ValueTask AbortUploadAsync(string key, string upload, CancellationToken cancellation) => driver.AbortUploadAsync(key, upload, cancellation);

    public ValueTask<bool?> DeleteAsync(string key, WriteCondition condition, CancellationToken cancellation) =>
        Own(condition) is { } own ? driver.DeleteAsync(key, own, cancellation) : ValueTask.FromResult<bool?>(null);

    public async ValueTask<ObjectPut> CopyAsync(string source, string target, WriteCondition condition, CancellationToken cancellation) =>
        Own(condition) is { } own ? Shown(await driver.CopyAsync(source, target, own, cancellation)) : default;

    public async ValueTask<IReadOnlyList<ObjectListItem>> ListAsync(
        string prefix, char? delimiter, string? after, int limit, CancellationToken cancellation) =>
    [
        .. (await driver.ListAsync(prefix, delimiter, after, limit, cancellation))
            .Select(item => item.IsPrefix ? item : item with { ETag = new ETag(_begin + item.ETag.Value) }),
    ];

    public ValueTask<AccessUrl> CreateAccessUrlAsync(string key, AccessUrlOptions options, CancellationToken cancellation) =>
        driver.CreateAccessUrlAsync(key, options, cancellation);

    private ObjectProperties? Shown(ObjectProperties? stored) => stored is null ? null : stored with { ETag = new ETag(_begin + stored.ETag.Value) };

    private ObjectPut Shown(ObjectPut put) => put with { Properties = Shown(put.Properties) };

    /// <summary>As the driver knows it; null when it compares with what cannot be here.</summary>
    private WriteCondition? Own(WriteCondition condition) =>
        condition.Rule != WriteRule.IfMatch ? condition
        : condition.Match.Value.StartsWith(_begin, StringComparison.Ordinal) ? WriteCondition.IfMatch(new ETag(condition.Match.Value[_begin.Length..]))
        : null;
}
