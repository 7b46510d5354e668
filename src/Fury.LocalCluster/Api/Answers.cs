using System.Buffers;
using System.Globalization;
using System.IO.Compression;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Fury.LocalCluster;

/// <summary>Writes answers.</summary>
internal static class Answers
{
    /// <summary>Smaller answers are not worth the time that compressing them takes.</summary>
    private const int CompressFromBytes = 128 * 1024;

    public static Task Object(Call call, Entry entry, int code = 200)
    {
        var shape = Accepted.Of(call.Http.Request.Headers.Accept.ToString());
        var buffer = new ArrayBufferWriter<byte>(entry.Json.Length + 128);
        Render.Object(buffer, call, entry, shape);
        return Bytes(call.Http, code, buffer.WrittenMemory);
    }

    public static Task Json(HttpContext http, JsonNode value, int code = 200, string type = "application/json") =>
        Bytes(http, code, JsonText.Write(value), type);

    public static Task Status(HttpContext http, Refusal refusal)
    {
        if (refusal.RetryAfterSeconds is { } seconds)
        {
            http.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        return Json(http, refusal.ToStatus(), refusal.Code);
    }

    public static async Task Bytes(HttpContext http, int code, ReadOnlyMemory<byte> body, string type = "application/json")
    {
        http.Response.StatusCode = code;
        http.Response.ContentType = type;
        http.Response.Headers.CacheControl = "no-cache, private";
        if (body.Length >= CompressFromBytes && http.Request.Headers.AcceptEncoding.ToString().Contains("gzip", StringComparison.Ordinal))
        {
            http.Response.Headers.ContentEncoding = "gzip";
            await using var gzip = new GZipStream(http.Response.Body, CompressionLevel.Fastest);
            await gzip.WriteAsync(body, http.RequestAborted);
            return;
        }

        http.Response.ContentLength = body.Length;
        if (http.Request.Method != "HEAD")
        {
            await http.Response.Body.WriteAsync(body, http.RequestAborted);
        }
    }
}
