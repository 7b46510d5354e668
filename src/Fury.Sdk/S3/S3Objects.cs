using System.Net;
using Fury.Sdk.Drivers;
using Fury.Sdk.Http;
using Fury.Sdk.Objects;

namespace Fury.Sdk.S3;

/// <summary>
/// The ETag of an object is by its content, so a write of the same bytes is not told from the one before. Bytes of what has expired stay until a rule of
/// the bucket removes them, and are listed until then.
/// </summary>
internal sealed partial class S3Objects(S3Client client, DriverContext context) : IObjectDriver
{
    private static readonly (string, string)[] None = [];

    public string Provider => S3Provider.Name;

    public CapabilitySet Declared { get; } = new(new Dictionary<Capability, CapabilityLevel>
    {
        [ObjectCapabilities.ConditionalCreate] = client.Dialect.PutOnlyConditions ? CapabilityLevel.Emulated : CapabilityLevel.Native,
        [ObjectCapabilities.ConditionalUpdate] = client.Dialect.PutOnlyConditions ? CapabilityLevel.Emulated : CapabilityLevel.Native,
        [ObjectCapabilities.StrongListing] = CapabilityLevel.Native,
        [ObjectCapabilities.AccessUrl] = CapabilityLevel.Native,
        [ObjectCapabilities.TimeToLive] = CapabilityLevel.Emulated,
    });

    public bool EndsAtOnce => true;

    public FuryException Translate(Exception error) => HttpFailures.Transport(S3Client.Display, error);

    public async ValueTask ProbeAsync(CancellationToken cancellation)
    {
        using var response = await client.Send(HttpMethod.Get, null, [("list-type", "2"), ("max-keys", "1")], None, null, null, cancellation);
        await MustBe(response, cancellation, HttpStatusCode.OK);
    }

    public ValueTask DisposeAsync()
    {
        client.Dispose();
        return ValueTask.CompletedTask;
    }

    public async ValueTask<ObjectProperties?> HeadAsync(string key, CancellationToken cancellation)
    {
        using var response = await client.Send(HttpMethod.Head, key, [], None, null, null, cancellation);
        if (response.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }

        await MustBe(response, cancellation, HttpStatusCode.OK);
        return S3Properties.Read(key, response);
    }

    public async ValueTask<DriverObject?> OpenAsync(string key, long offset, long? length, CancellationToken cancellation)
    {
        if (length == 0)
        {
            return await Empty();
        }

        (string, string)[] range = ByteRange.Of(offset, length) is { } bytes ? [("Range", bytes)] : [];
        var response = await client.Send(HttpMethod.Get, key, [], range, null, null, cancellation);
        try
        {
            if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
            {
                response.Dispose();
                return await Empty();
            }

            if (response.StatusCode == HttpStatusCode.NotFound && await S3Client.Error(response, cancellation) is var error)
            {
                response.Dispose();
                return error.ProviderCode is "NoSuchBucket" ? throw error : null;
            }

            await MustBe(response, cancellation, HttpStatusCode.OK, HttpStatusCode.PartialContent);
            var content = await response.Content.ReadAsStreamAsync(cancellation);
            return new DriverObject(S3Properties.Read(key, response), new ResponseStream(S3Client.Display, response, content));
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
        var hash = sha256.IsEmpty ? null : Convert.ToHexStringLower(sha256.Span);
        using var response = await client.Send(
            HttpMethod.Put, key, [], [.. S3Properties.Headers(headers, sha256), .. Condition(condition)], body, hash, cancellation);
        return await IsRefused(response, condition, cancellation)
            ? new ObjectPut(false, null)
            : new ObjectPut(true, S3Properties.Written(key, body.Length, headers, sha256, response, context.Clock));
    }

    public async ValueTask<bool?> DeleteAsync(string key, WriteCondition condition, CancellationToken cancellation)
    {
        // S3 does not tell whether there was something.
        if (await HeadAsync(key, cancellation) is not { } there)
        {
            return condition.Rule == WriteRule.IfMatch ? null : false;
        }

        if (condition.Rule == WriteRule.IfMatch && there.ETag != condition.Match)
        {
            return null;
        }

        var native = client.Dialect.PutOnlyConditions ? [] : Condition(condition);
        using var response = await client.Send(HttpMethod.Delete, key, [], native, null, null, cancellation);
        return response.StatusCode == HttpStatusCode.NoContent || !await IsRefused(response, condition, cancellation) ? true : null;
    }

    public ValueTask<AccessUrl> CreateAccessUrlAsync(string key, AccessUrlOptions options, CancellationToken cancellation)
    {
        var required = options is { Access: UrlAccess.Write, ContentType: { } type }
            ? new Dictionary<string, string> { ["Content-Type"] = type }
            : new Dictionary<string, string>();
        var method = options.Access == UrlAccess.Write ? "PUT" : "GET";
        var end = context.Clock.GetUtcNow() + options.Lifetime;
        return ValueTask.FromResult(new AccessUrl(client.Presign(method, key, required, options.Lifetime), method, required, end));
    }

    private IEnumerable<(string Name, string Value)> Condition(WriteCondition condition) => condition.Rule switch
    {
        WriteRule.IfAbsent => [("If-None-Match", "*")],
        WriteRule.IfMatch => [("If-Match", client.Dialect.UnquotedIfMatch ? condition.Match.Value : $"\"{condition.Match.Value}\"")],
        _ => [],
    };

    /// <summary>True: the condition did not hold. Everything else that is not success is thrown.</summary>
    private static async ValueTask<bool> IsRefused(HttpResponseMessage response, WriteCondition condition, CancellationToken cancellation)
    {
        if (response.IsSuccessStatusCode)
        {
            return false;
        }

        var error = await S3Client.Error(response, cancellation);
        var refused = condition.Rule != WriteRule.None && (response.StatusCode, error.ProviderCode) switch
        {
            (HttpStatusCode.PreconditionFailed, _) => true,
            (HttpStatusCode.Conflict, "ConditionalRequestConflict") => true,
            (HttpStatusCode.NotFound, "NoSuchKey" or null) => true,
            _ => false,
        };
        return refused ? true : throw error;
    }

    private static async ValueTask MustBe(HttpResponseMessage response, CancellationToken cancellation, params HttpStatusCode[] right)
    {
        if (!right.Contains(response.StatusCode))
        {
            throw await S3Client.Error(response, cancellation);
        }
    }
}
