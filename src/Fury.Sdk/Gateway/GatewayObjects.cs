using Fury.Sdk.Drivers;
using Fury.Sdk.Http;
using Fury.Sdk.Objects;

namespace Fury.Sdk.Gateway;

/// <summary>Objects behind the gateway. Their bytes go through it as they come.</summary>
internal sealed class GatewayObjects(GatewayLine line) : GatewayDriver(line), IObjectDriver
{
    public ValueTask<ObjectProperties?> HeadAsync(string key, CancellationToken cancellation) => Line.Ask(
        "head", new WireWriter().Text(key), ObjectWire.PropertiesOrNull, cancellation);

    public async ValueTask<DriverObject?> OpenAsync(string key, long offset, long? length, CancellationToken cancellation)
    {
        var (properties, answer, rest) = await Line.Begin(
            "open", new WireWriter().Text(key).Number(offset).Number(length), ObjectWire.PropertiesOrNull, cancellation);
        if (properties is not null)
        {
            return new DriverObject(properties, new ResponseStream(GatewayLine.Speaker, answer, rest));
        }

        answer.Dispose();
        return null;
    }

    public ValueTask<ObjectPut> PutAsync(
        string key, ReadOnlyMemory<byte> body, ObjectHeaders headers, ReadOnlyMemory<byte> sha256, WriteCondition condition,
        CancellationToken cancellation) => Line.Ask(
        "put",
        ObjectWire.Condition(ObjectWire.Headers(new WireWriter().Text(key), headers).Bytes(sha256), condition),
        ObjectWire.Put,
        cancellation,
        body);

    public ValueTask<string> BeginUploadAsync(string key, ObjectHeaders headers, CancellationToken cancellation) => Line.Ask(
        "begin-upload", ObjectWire.Headers(new WireWriter().Text(key), headers), static from => from.Text(), cancellation);

    public ValueTask<string> UploadPartAsync(string key, string upload, int number, ReadOnlyMemory<byte> body, CancellationToken cancellation) =>
        body.Length > GatewayProtocol.PartMax
            ? throw Failure.TooLarge("A part of an object", body.Length, GatewayProtocol.PartMax, "Bind objects of this size directly, without the gateway.")
            : Line.Ask("upload-part", new WireWriter().Text(key).Text(upload).Number(number), static from => from.Text(), cancellation, body);

    public ValueTask<ObjectPut> CommitUploadAsync(
        string key, string upload, IReadOnlyList<string> tags, ReadOnlyMemory<byte> sha256, WriteCondition condition, CancellationToken cancellation) =>
        Line.Ask(
            "commit-upload",
            ObjectWire.Condition(
                new WireWriter().Text(key).Text(upload).List(tags, static (to, tag) => to.Text(tag)).Bytes(sha256), condition),
            ObjectWire.Put,
            cancellation);

    public async ValueTask AbortUploadAsync(string key, string upload, CancellationToken cancellation) =>
        await Line.Do("abort-upload", new WireWriter().Text(key).Text(upload), cancellation);

    public ValueTask<bool?> DeleteAsync(string key, WriteCondition condition, CancellationToken cancellation) => Line.Ask(
        "delete", ObjectWire.Condition(new WireWriter().Text(key), condition), static from => from.Yes() ? from.Yes() : (bool?)null, cancellation);

    public ValueTask<ObjectPut> CopyAsync(string source, string target, WriteCondition condition, CancellationToken cancellation) => Line.Ask(
        "copy", ObjectWire.Condition(new WireWriter().Text(source).Text(target), condition), ObjectWire.Put, cancellation);

    public async ValueTask<IReadOnlyList<ObjectListItem>> ListAsync(
        string prefix, char? delimiter, string? after, int limit, CancellationToken cancellation) => await Line.Ask(
        "list",
        new WireWriter().Text(prefix).Number(delimiter).Text(after).Number(limit),
        static from => from.List(ObjectWire.Item),
        cancellation);

    public ValueTask<AccessUrl> CreateAccessUrlAsync(string key, AccessUrlOptions options, CancellationToken cancellation) => Line.Ask(
        "access-url",
        new WireWriter().Text(key).Number((long)options.Access).Span(options.Lifetime).Text(options.ContentType),
        static from => new AccessUrl(new Uri(from.Text(), HttpConnections.AsItIs), from.Text(), from.Map(), from.Time()),
        cancellation);
}

/// <summary>What is said about objects, in frames.</summary>
internal static class ObjectWire
{
    public static WireWriter Properties(WireWriter to, ObjectProperties each) => to
        .Text(each.Key)
        .Number(each.Length)
        .Text(each.ETag.Value)
        .Text(each.ContentType)
        .Time(each.LastModified)
        .Map(each.Metadata)
        .Bytes(each.Sha256)
        .Text(each.ContentEncoding)
        .Text(each.CacheControl)
        .Text(each.ContentDisposition)
        .Time(each.ExpiresAt);

    public static ObjectProperties Properties(WireReader from) => new(
        from.Text(), from.Number(), new ETag(from.TextOrNull()!), from.Text(), from.Time(), from.Map())
    {
        Sha256 = from.Bytes(),
        ContentEncoding = from.TextOrNull(),
        CacheControl = from.TextOrNull(),
        ContentDisposition = from.TextOrNull(),
        ExpiresAt = from.TimeOrNull(),
    };

    public static WireWriter PropertiesOrNull(WireWriter to, ObjectProperties? each) => each is null ? to.Yes(false) : Properties(to.Yes(true), each);

    public static ObjectProperties? PropertiesOrNull(WireReader from) => from.Yes() ? Properties(from) : null;

    public static WireWriter Put(WireWriter to, ObjectPut put) => PropertiesOrNull(to.Yes(put.Applied), put.Properties);

    public static ObjectPut Put(WireReader from) => new(from.Yes(), PropertiesOrNull(from));

    public static WireWriter Headers(WireWriter to, ObjectHeaders headers) => to
        .Text(headers.ContentType)
        .Map(headers.Metadata)
        .Text(headers.ContentEncoding)
        .Text(headers.CacheControl)
        .Text(headers.ContentDisposition)
        .Time(headers.ExpiresAt);

    public static ObjectHeaders Headers(WireReader from) => new(from.Text(), from.Map())
    {
        ContentEncoding = from.TextOrNull(),
        CacheControl = from.TextOrNull(),
        ContentDisposition = from.TextOrNull(),
        ExpiresAt = from.TimeOrNull(),
    };

    public static WireWriter Condition(WireWriter to, WriteCondition condition) => to.Number((long)condition.Rule).Text(condition.Match.Value);

    public static WriteCondition Condition(WireReader from) => (from.Choice<WriteRule>(), from.TextOrNull()) switch
    {
        (WriteRule.IfAbsent, _) => WriteCondition.IfAbsent,
        (WriteRule.IfPresent, _) => WriteCondition.IfPresent,
        (WriteRule.IfMatch, var tag) => WriteCondition.IfMatch(new ETag(tag!)),
        _ => WriteCondition.None,
    };

    public static WireWriter Item(WireWriter to, ObjectListItem item) => to
        .Text(item.Key).Number(item.Length).Text(item.ETag.Value).Time(item.LastModified).Yes(item.IsPrefix);

    public static ObjectListItem Item(WireReader from) => new(
        from.Text(), from.Number(), new ETag(from.TextOrNull()!), from.Time(), from.Yes());
}
