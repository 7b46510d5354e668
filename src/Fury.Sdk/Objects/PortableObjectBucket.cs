using System.Security.Cryptography;
using Fury.Sdk.Checks;
using Fury.Sdk.Drivers;

namespace Fury.Sdk.Objects;

/// <summary>The semantics of a bucket over whatever driver stands behind it.</summary>
internal sealed partial class PortableObjectBucket : ObjectBucket
{
    private static readonly Operation Head = new("get-properties", Effect.Read) { CanBeHedged = true };
    private static readonly Operation Open = new("read", Effect.Read);
    private static readonly Operation Put = new("write", Effect.Recognised);
    private static readonly Operation Delete = new("delete", Effect.Idempotent);
    private static readonly Operation DeleteIf = new("delete", Effect.Once);
    private static readonly Operation Copy = new("copy", Effect.Idempotent);
    private static readonly Operation CopyIf = new("copy", Effect.Once);
    private static readonly Operation ListPage = new("list", Effect.Read);
    private static readonly Operation Sign = new("create-access-url", Effect.Read);

    private readonly ServiceChannel<IObjectDriver> _channel;

    public PortableObjectBucket(ServiceChannel<IObjectDriver> channel)
        : base(channel.Service)
    {
        _channel = channel;
        Follow(channel);
    }

    private DateTimeOffset Now => _channel.Clock.GetUtcNow();

    public override async Task<ObjectProperties?> GetPropertiesAsync(
        string key, CallOptions? options = null, CancellationToken cancellationToken = default)
    {
        Check.Key("key", key);
        Check.Options(options);
        var stored = await _channel.Invoke(
            Head, options, key, static (driver, _, name, stop) => driver.HeadAsync(name, stop), cancellationToken);
        return ObjectEnvelope.Open(stored, key, Now);
    }

    public override async Task<ObjectDownload?> OpenReadAsync(
        string key, ObjectReadOptions? options = null, CancellationToken cancellationToken = default)
    {
        ObjectChecks.Read(key, options);
        var (held, opened) = await _channel.InvokeHeld(
            Open,
            options,
            (key, Offset: options?.Offset ?? 0, options?.Length),
            static (driver, _, state, stop) => driver.OpenAsync(state.key, state.Offset, state.Length, stop),
            cancellationToken);
        var generation = held;
        try
        {
            if (opened is null || ObjectEnvelope.Open(opened.Properties, key, Now) is not { } properties)
            {
                await (opened?.DisposeAsync() ?? ValueTask.CompletedTask);
                return null;
            }

            if (options?.IfMatch is { } match && match != properties.ETag)
            {
                await opened.DisposeAsync();
                throw Failure.Condition(WriteCondition.IfMatch(match), properties.ETag);
            }

            var download = new PortableDownload(opened, properties, options, generation.Exit);
            generation = null;
            return download;
        }
        finally
        {
            generation?.Exit();
        }
    }

    public override async Task<byte[]?> ReadBytesAsync(
        string key, ObjectReadOptions? options = null, CancellationToken cancellationToken = default)
    {
        await using var download = await OpenReadAsync(key, options, cancellationToken);
        if (download is null or { NotModified: true })
        {
            return null;
        }

        using var bytes = new MemoryStream();
        await download.Content.CopyToAsync(bytes, cancellationToken);
        return bytes.ToArray();
    }

    public override async Task<ObjectProperties> WriteAsync(
        string key, Stream content, ObjectWriteOptions? options = null, CancellationToken cancellationToken = default)
    {
        Check.NotNull("content", content);
        await using var writer = Writer(key, options);
        await writer.Fill(content, cancellationToken);
        return await writer.CommitAsync(cancellationToken);
    }

    public override async Task<ObjectProperties> WriteAsync(
        string key, ReadOnlyMemory<byte> content, ObjectWriteOptions? options = null, CancellationToken cancellationToken = default)
    {
        if (content.Length > ObjectParts.First)
        {
            await using var writer = await OpenWriteAsync(key, options, cancellationToken);
            await writer.WriteAsync(content, cancellationToken);
            return await writer.CommitAsync(cancellationToken);
        }

        var wish = Wish(key, options);
        return await PutWhole(wish, ObjectEnvelope.Headers(options, wish.WriteId, Now), content, options, cancellationToken);
    }

    public override Task<ObjectWriter> OpenWriteAsync(
        string key, ObjectWriteOptions? options = null, CancellationToken cancellationToken = default) =>
        Task.FromResult<ObjectWriter>(Writer(key, options));

    public override Task<ObjectWriter> ResumeWriteAsync(string resumeToken, CancellationToken cancellationToken = default)
    {
        var token = ResumeToken.Decode(resumeToken);
        return Task.FromResult<ObjectWriter>(new PortableObjectWriter(_channel, this, token));
    }

    /// <summary>Writes what fits into one part.</summary>
    internal async Task<ObjectProperties> PutWhole(
        ObjectWish wish, ObjectHeaders headers, ReadOnlyMemory<byte> content, ObjectWriteOptions? options, CancellationToken cancellation,
        ObjectProperties? source = null)
    {
        ReadOnlyMemory<byte> sha = SHA256.HashData(content.Span);
        Verify(sha, options);
        if (source is not null)
        {
            VerifyingStream.Verify(content.Length, sha.Span, source);
        }

        return await _channel.Invoke(
            Put,
            options,
            (wish, headers, content, sha, _channel.Clock),
            static (driver, call, state, stop) => ObjectCommit.Run(
                driver,
                call,
                state.wish,
                (condition, token) => driver.PutAsync(state.wish.Key, state.content, state.headers, state.sha, condition, token),
                state.Clock,
                stop),
            cancellation,
            ObjectParts.Time(content.Length));
    }

    /// <summary>Refuses content that is other than the application said.</summary>
    internal static void Verify(ReadOnlyMemory<byte> sha256, ObjectWriteOptions? options)
    {
        if (options is { ExpectedSha256.Length: > 0 } && !sha256.Span.SequenceEqual(options.ExpectedSha256.Span))
        {
            throw new FuryException(
                FuryErrorCode.Corrupted,
                $"The content has the SHA-256 {Convert.ToHexStringLower(sha256.Span)}, not {Convert.ToHexStringLower(options.ExpectedSha256.Span)}.");
        }
    }

    private PortableObjectWriter Writer(string key, ObjectWriteOptions? options)
    {
        var wish = Wish(key, options);
        return new(_channel, this, wish, ObjectEnvelope.Headers(options, wish.WriteId, Now), options);
    }

    /// <summary>Holds the arguments of a write against the rules and against what the resource can do.</summary>
    private ObjectWish Wish(string key, ObjectWriteOptions? options)
    {
        ObjectChecks.Write(key, options);
        var condition = options?.Condition ?? default;
        Needs(condition);
        if (options?.Fence is not null)
        {
            _channel.Require(ObjectCapabilities.ConditionalUpdate, "A fence");
        }

        if (options?.TimeToLive is not null)
        {
            _channel.Require(ObjectCapabilities.TimeToLive, "TimeToLive");
        }

        return new ObjectWish(key, Guid.CreateVersion7(Now).ToString("N"), condition, options?.Fence?.FencingToken ?? 0);
    }

    private void Needs(WriteCondition condition)
    {
        ObjectChecks.Condition(condition);
        if (condition.Rule != WriteRule.None)
        {
            _channel.Require(
                condition.Rule == WriteRule.IfAbsent ? ObjectCapabilities.ConditionalCreate : ObjectCapabilities.ConditionalUpdate,
                $"The condition {condition.Rule}");
        }
    }
}
