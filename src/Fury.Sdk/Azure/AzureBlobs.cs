using System.Globalization;
using System.Net;
using Fury.Sdk.Drivers;
using Fury.Sdk.Http;
using Fury.Sdk.Objects;

namespace Fury.Sdk.Azure;

/// <summary>Bytes of what has expired stay until a rule of the account removes them, and are listed until then.</summary>
internal sealed partial class AzureBlobs(AzureBlobClient client, DriverContext context) : IObjectDriver
{
    private static readonly (string, string)[] None = [];

    public string Provider => AzureBlobProvider.Name;

    public CapabilitySet Declared { get; } = new(new Dictionary<Capability, CapabilityLevel>
    {
        [ObjectCapabilities.ConditionalCreate] = CapabilityLevel.Native,
        [ObjectCapabilities.ConditionalUpdate] = CapabilityLevel.Native,
        [ObjectCapabilities.UniqueETag] = CapabilityLevel.Native,
        [ObjectCapabilities.StrongListing] = CapabilityLevel.Native,
        [ObjectCapabilities.AccessUrl] = CapabilityLevel.Native,
        [ObjectCapabilities.Checksum] = CapabilityLevel.Native,
        [ObjectCapabilities.TimeToLive] = CapabilityLevel.Emulated,
    });

    public bool EndsAtOnce => true;

    public FuryException Translate(Exception error) => HttpFailures.Transport(AzureBlobClient.Display, error);

    public async ValueTask ProbeAsync(CancellationToken cancellation)
    {
        using var response = await client.Send(HttpMethod.Get, null, [("restype", "container")], None, null, cancellation);
        MustBe(response, HttpStatusCode.OK);
    }

    public ValueTask DisposeAsync()
    {
        client.Dispose();
        return ValueTask.CompletedTask;
    }

    public async ValueTask<ObjectProperties?> HeadAsync(string key, CancellationToken cancellation)
    {
        using var response = await client.Send(HttpMethod.Head, key, [], None, null, cancellation);
        if (IsAbsent(response))
        {
            return null;
        }

        MustBe(response, HttpStatusCode.OK);
        return BlobProperties.Read(key, response);
    }

    public async ValueTask<DriverObject?> OpenAsync(string key, long offset, long? length, CancellationToken cancellation)
    {
        if (length == 0)
        {
            return await Empty();
        }

        (string, string)[] range = ByteRange.Of(offset, length) is { } bytes ? [("x-ms-range", bytes)] : [];
        var response = await client.Send(HttpMethod.Get, key, [], range, null, cancellation);
        try
        {
            if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable || IsAbsent(response))
            {
                var beyond = !IsAbsent(response);
                response.Dispose();
                return beyond ? await Empty() : null;
            }

            MustBe(response, HttpStatusCode.OK, HttpStatusCode.PartialContent);
            var content = await response.Content.ReadAsStreamAsync(cancellation);
            return new DriverObject(BlobProperties.Read(key, response), new ResponseStream(AzureBlobClient.Display, response, content));
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
        using var response = await client.Send(
            HttpMethod.Put,
            key,
            [],
            [("x-ms-blob-type", "BlockBlob"), .. BlobProperties.Headers(headers, sha256), .. Condition(condition)],
            body,
            cancellation);
        return IsRefused(response, condition)
            ? new ObjectPut(false, null)
            : new ObjectPut(true, BlobProperties.Written(key, body.Length, headers, sha256, response, context.Clock));
    }

    public async ValueTask<bool?> DeleteAsync(string key, WriteCondition condition, CancellationToken cancellation)
    {
        using var response = await client.Send(HttpMethod.Delete, key, [], Condition(condition), null, cancellation);
        return IsAbsent(response) ? condition.Rule == WriteRule.IfMatch ? null : false
            : IsRefused(response, condition) ? null
            : true;
    }

    /// <summary>A signature of the service for one blob, made here; nothing is sent.</summary>
    public ValueTask<AccessUrl> CreateAccessUrlAsync(string key, AccessUrlOptions options, CancellationToken cancellation)
    {
        var isWrite = options.Access == UrlAccess.Write;
        var end = context.Clock.GetUtcNow() + options.Lifetime;
        var (rights, until) = (isWrite ? "cw" : "r", end.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
        var shared = client.Key;
        // Rights, start, end, resource, policy, addresses, protocol, version, kind, snapshot, and five headers of the answer.
        var text = string.Join(
            '\n', rights, "", until, $"/blob/{shared.Account}/{client.Container}/{BlobNames.Encode(key)}", "", "", "", AzureBlobClient.Version, "b", "",
            "", "", "", "", "");
        var query = $"?sv={AzureBlobClient.Version}&sr=b&sp={rights}&se={Uri.EscapeDataString(until)}&sig={Uri.EscapeDataString(shared.Sign(text))}";
        var required = new Dictionary<string, string>();
        if (isWrite)
        {
            required["x-ms-blob-type"] = "BlockBlob";
        }

        if (isWrite && options.ContentType is { } type)
        {
            required["Content-Type"] = type;
        }

        return ValueTask.FromResult(new AccessUrl(client.Address(key, query), isWrite ? "PUT" : "GET", required, end));
    }

    private static IEnumerable<(string Name, string Value)> Condition(WriteCondition condition) => condition.Rule switch
    {
        WriteRule.IfAbsent => [("if-none-match", "*")],
        WriteRule.IfMatch => [("if-match", $"\"{condition.Match.Value}\"")],
        _ => [],
    };

    /// <summary>There is no such blob; that there is no such container is an error.</summary>
    private static bool IsAbsent(HttpResponseMessage response) =>
        response.StatusCode == HttpStatusCode.NotFound
        && (AzureBlobClient.Header(response, "x-ms-error-code") is null or "BlobNotFound" or "ResourceNotFound");

    /// <summary>True: the condition did not hold. Everything else that is not success is thrown.</summary>
    private static bool IsRefused(HttpResponseMessage response, WriteCondition condition)
    {
        if (response.IsSuccessStatusCode)
        {
            return false;
        }

        var error = AzureBlobClient.Error(response);
        return condition.Rule switch
        {
            WriteRule.IfAbsent => response.StatusCode == HttpStatusCode.PreconditionFailed || error.ProviderCode == "BlobAlreadyExists",
            WriteRule.IfMatch => response.StatusCode == HttpStatusCode.PreconditionFailed || IsAbsent(response),
            _ => false,
        } ? true : throw error;
    }

    private static void MustBe(HttpResponseMessage response, params HttpStatusCode[] right)
    {
        if (!right.Contains(response.StatusCode))
        {
            throw AzureBlobClient.Error(response);
        }
    }
}
