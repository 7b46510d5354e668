using System.Globalization;
using System.Net;
using Fury.Sdk.Drivers;
using Fury.Sdk.Http;
using Fury.Sdk.Objects;

namespace Fury.Sdk.Gcs;

/// <summary>
/// An ETag is the object's generation, another number after each write. Bytes of what has expired stay until a rule of the bucket removes them, and are listed
/// until then. Cloud Storage takes about one write a second of the same object.
/// </summary>
internal sealed partial class GcsObjects(GcsClient client, DriverContext context) : IObjectDriver
{
    private const string MetadataPrefix = "x-goog-meta-";

    public string Provider => GcsProvider.Name;

    public CapabilitySet Declared { get; } = new(new Dictionary<Capability, CapabilityLevel>
    {
        [ObjectCapabilities.ConditionalCreate] = CapabilityLevel.Native,
        [ObjectCapabilities.ConditionalUpdate] = CapabilityLevel.Native,
        [ObjectCapabilities.UniqueETag] = CapabilityLevel.Native,
        [ObjectCapabilities.StrongListing] = CapabilityLevel.Native,
        [ObjectCapabilities.AccessUrl] = client.Account.CanSign ? CapabilityLevel.Native : CapabilityLevel.None,
        [ObjectCapabilities.Checksum] = CapabilityLevel.Native,
        [ObjectCapabilities.TimeToLive] = CapabilityLevel.Emulated,
    });

    public bool EndsAtOnce => true;

    public FuryException Translate(Exception error) => client.Rest.Translate(error);

    public async ValueTask ProbeAsync(CancellationToken cancellation)
    {
        using var response = await client.Rest.Send(HttpMethod.Get, client.Objects(("maxResults", "1")), cancellation);
        await client.Rest.MustBeWell(response, cancellation);
    }

    public ValueTask DisposeAsync()
    {
        client.Dispose();
        return ValueTask.CompletedTask;
    }

    public async ValueTask<ObjectProperties?> HeadAsync(string key, CancellationToken cancellation)
    {
        using var response = await client.Rest.Send(HttpMethod.Get, client.Object(GcsNames.Encode(key)), cancellation);
        return response.StatusCode == HttpStatusCode.NotFound
            ? null
            : (await client.Rest.Read(response, GcsJson.Default.GcsObject, cancellation)).Properties(key);
    }

    public async ValueTask<DriverObject?> OpenAsync(string key, long offset, long? length, CancellationToken cancellation)
    {
        if (length == 0)
        {
            return await Empty();
        }

        // Who says that he takes gzip gets what is stored so as it is; for others it is unpacked on the way.
        List<(string, string)> headers = [("Accept-Encoding", "gzip")];
        if (ByteRange.Of(offset, length) is { } range)
        {
            headers.Add(("Range", range));
        }

        var response = await client.Rest.Send(HttpMethod.Get, client.Content(GcsNames.Encode(key)), null, headers, cancellation);
        try
        {
            if (response.StatusCode is HttpStatusCode.RequestedRangeNotSatisfiable or HttpStatusCode.NotFound)
            {
                var beyond = response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable;
                response.Dispose();
                return beyond ? await Empty() : null;
            }

            await client.Rest.MustBeWell(response, cancellation);
            var content = await response.Content.ReadAsStreamAsync(cancellation);
            return new DriverObject(Resource(response).Properties(key), new ResponseStream(GcsClient.Display, response, content));
        }
        catch
        {
            response.Dispose();
            throw;
        }

        async ValueTask<DriverObject?> Empty() => await HeadAsync(key, cancellation) is { } there ? new DriverObject(there, Stream.Null) : null;
    }

    public async ValueTask<ObjectPut> PutAsync(
        string key, ReadOnlyMemory<byte> body, ObjectHeaders headers, ReadOnlyMemory<byte> sha256, WriteCondition condition, CancellationToken cancellation)
    {
        if (!IsGeneration(condition))
        {
            return new ObjectPut(false, null);
        }

        var resource = GcsObject.Of(headers, sha256) with { Name = GcsNames.Encode(key) };
        using var response = await client.Rest.Send(
            HttpMethod.Post, client.Upload(Condition(condition)), () => GcsClient.Whole(resource, body), [], cancellation);
        return await Written(key, condition, response, cancellation);
    }

    public async ValueTask<bool?> DeleteAsync(string key, WriteCondition condition, CancellationToken cancellation)
    {
        if (!IsGeneration(condition))
        {
            return null;
        }

        using var response = await client.Rest.Send(HttpMethod.Delete, client.Object(GcsNames.Encode(key), Condition(condition)), cancellation);
        if (response.StatusCode == HttpStatusCode.NotFound)
        {
            return condition.Rule == WriteRule.IfMatch ? null : false;
        }

        return await IsRefused(response, condition, cancellation) ? null : true;
    }

    public ValueTask<AccessUrl> CreateAccessUrlAsync(string key, AccessUrlOptions options, CancellationToken cancellation)
    {
        var required = options is { Access: UrlAccess.Write, ContentType: { } type }
            ? new Dictionary<string, string> { ["Content-Type"] = type }
            : new Dictionary<string, string>();
        var method = options.Access == UrlAccess.Write ? "PUT" : "GET";
        var end = context.Clock.GetUtcNow() + options.Lifetime;
        return ValueTask.FromResult(new AccessUrl(client.Presign(method, GcsNames.Encode(key), required, options.Lifetime), method, required, end));
    }

    /// <summary>As it is told with the bytes, also of a range.</summary>
    private static GcsObject Resource(HttpResponseMessage response)
    {
        var (head, body) = (response.Headers.NonValidated, response.Content.Headers.NonValidated);
        var length = response.Content.Headers.ContentRange?.Length ?? response.Content.Headers.ContentLength ?? 0;
        return new GcsObject
        {
            Generation = Of("x-goog-generation"),
            Size = length.ToString(CultureInfo.InvariantCulture),
            ContentType = Of("Content-Type"),
            ContentEncoding = Of("Content-Encoding"),
            ContentDisposition = Of("Content-Disposition"),
            CacheControl = Of("Cache-Control"),
            Updated = response.Content.Headers.LastModified,
            Metadata = head.Where(each => each.Key.StartsWith(MetadataPrefix, StringComparison.OrdinalIgnoreCase))
                .ToDictionary(each => each.Key[MetadataPrefix.Length..].ToLowerInvariant(), each => each.Value.ToString()),
        };

        string? Of(string name) => head.TryGetValues(name, out var values) || body.TryGetValues(name, out values) ? values.ToString() : null;
    }

    /// <summary>False for an ETag that no generation can be: nothing has it.</summary>
    private static bool IsGeneration(WriteCondition condition) => condition.Rule != WriteRule.IfMatch
        || (ulong.TryParse(condition.Match.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var generation) && generation > 0);

    private static (string, string?) Condition(WriteCondition condition) => (
        "ifGenerationMatch",
        condition.Rule switch
        {
            WriteRule.IfAbsent => "0",
            WriteRule.IfMatch => condition.Match.Value,
            _ => null,
        });

    private async ValueTask<ObjectPut> Written(string key, WriteCondition condition, HttpResponseMessage response, CancellationToken cancellation) =>
        await IsRefused(response, condition, cancellation)
            ? new ObjectPut(false, null)
            : new ObjectPut(true, (await client.Rest.Read(response, GcsJson.Default.GcsObject, cancellation)).Properties(key));

    /// <summary>True: the condition did not hold. Everything else that is not success is thrown.</summary>
    private async ValueTask<bool> IsRefused(HttpResponseMessage response, WriteCondition condition, CancellationToken cancellation)
    {
        if (response.StatusCode == HttpStatusCode.PreconditionFailed && condition.Rule != WriteRule.None)
        {
            return true;
        }

        await client.Rest.MustBeWell(response, cancellation);
        return false;
    }
}
