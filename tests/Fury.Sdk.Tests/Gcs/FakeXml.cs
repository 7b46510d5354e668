using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Fury.Testing.Clouds.Gcp;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Fury.Sdk.Tests.Gcs;

/// <summary>What the fake answers by the XML API.</summary>
internal static class FakeXml
{
    public static async Task Refuse(HttpContext context, int status, string code)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/xml; charset=UTF-8";
        await context.Response.WriteAsync($"<?xml version='1.0' encoding='UTF-8'?><Error><Code>{code}</Code><Message>{code}</Message></Error>");
    }

    public static async Task Get(HttpContext context, FakeObject? found)
    {
        if (found is null)
        {
            await Refuse(context, 404, "NoSuchKey");
            return;
        }

        var (headers, content) = (context.Response.Headers, found.Content);
        var total = content.Length;
        var packed = found.Text("contentEncoding") == "gzip";
        if (packed && !$"{context.Request.Headers.AcceptEncoding}".Contains("gzip", StringComparison.Ordinal))
        {
            content = Unpack(content);
            headers["Warning"] = "214 UploadServer gunzipped";
        }
        else if (found.Text("contentEncoding") is { } encoding)
        {
            headers.ContentEncoding = encoding;
        }

        if (RangeHeaderValue.TryParse($"{context.Request.Headers.Range}", out var range) && range.Ranges.Single() is { From: { } from } asked)
        {
            if (from >= total)
            {
                await Refuse(context, 416, "InvalidRange");
                return;
            }

            var to = Math.Min(asked.To ?? long.MaxValue, total - 1);
            context.Response.StatusCode = 206;
            headers.ContentRange = string.Create(CultureInfo.InvariantCulture, $"bytes {from}-{to}/{total}");
            content = content[(int)from..(int)(to + 1)];
        }

        headers["x-goog-generation"] = $"{found.Generation}";
        headers["x-goog-hash"] = $"crc32c={found.Sum}";
        headers["x-goog-stored-content-length"] = $"{total}";
        headers.LastModified = found.Updated.ToString("R", CultureInfo.InvariantCulture);
        headers.ContentType = found.Text("contentType") ?? "application/octet-stream";
        headers.CacheControl = found.Text("cacheControl");
        headers.ContentDisposition = found.Text("contentDisposition");
        foreach (var (name, value) in found.Resource["metadata"]?.AsObject() ?? [])
        {
            headers[$"x-goog-meta-{name}"] = $"{value}";
        }

        context.Response.ContentLength = content.Length;
        await context.Response.Body.WriteAsync(content);
    }

    public static async Task Put(HttpContext context, FakeBucket bucket, string name)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        bucket.Put(
            new JsonObject { ["name"] = name, ["contentType"] = context.Request.ContentType ?? "application/octet-stream" }, body.ToArray(), null);
    }

    private static byte[] Unpack(byte[] content)
    {
        using var plain = new MemoryStream();
        using (var packed = new GZipStream(new MemoryStream(content), CompressionMode.Decompress))
        {
            packed.CopyTo(plain);
        }

        return plain.ToArray();
    }
}

/// <summary>An address that was signed by version 4 of Google's signatures with RSA.</summary>
internal sealed record FakeSignature(HttpContext Context, string Path)
{
    private const string Signature = "X-Goog-Signature";

    /// <summary>Null when nothing is signed.</summary>
    public static FakeSignature? Of(HttpContext context, string path) =>
        context.Request.Query.ContainsKey(Signature) ? new FakeSignature(context, path) : null;

    /// <summary>Null: it is good.</summary>
    public string? WhyNot(FakeIdentity identity)
    {
        var request = Context.Request;
        string Of(string name) => $"{request.Query[$"X-Goog-{name}"]}";
        var scope = $"{Of("Date")[..8]}/auto/storage/goog4_request";
        var query = request.QueryString.Value![1..].Split('&').Where(each => !each.StartsWith(Signature, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal);
        var names = Of("SignedHeaders").Split(';');
        var headers = string.Concat(names.Select(name => $"{name}:{request.Headers[name]}\n"));
        var canonical = $"{request.Method}\n{Path}\n{string.Join('&', query)}\n{headers}\n{Of("SignedHeaders")}\nUNSIGNED-PAYLOAD";
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)));
        var begun = DateTimeOffset.ParseExact(Of("Date"), "yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
        var life = TimeSpan.FromSeconds(int.Parse(Of("Expires"), CultureInfo.InvariantCulture));
        return Of("Algorithm") != "GOOG4-RSA-SHA256" || Of("Credential") != $"{FakeIdentity.Email}/{scope}" || !names.Contains("host")
            || !identity.IsSigned($"GOOG4-RSA-SHA256\n{Of("Date")}\n{scope}\n{hash}", Convert.FromHexString(Of("Signature"))) ? "SignatureDoesNotMatch"
            : life > TimeSpan.FromDays(7) ? "InvalidArgument"
            : begun + life < TimeProvider.System.GetUtcNow() ? "ExpiredToken"
            : null;
    }
}
