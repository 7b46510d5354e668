using System.Text;
using Microsoft.AspNetCore.Http;

namespace Fury.Testing.Aws;

/// <summary>A call as it came over the wire, before anybody believes it.</summary>
/// <param name="Target">Path and query, as sent.</param>
internal sealed record AwsCall(string Method, string Target, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    private const int BodyMax = 1 << 20;

    public string Path => Target.Split('?')[0];

    public string Query => Target.Contains('?', StringComparison.Ordinal) ? Target[(Target.IndexOf('?', StringComparison.Ordinal) + 1)..] : "";

    public string Text => Encoding.UTF8.GetString(Body);

    public static async Task<AwsCall> Read(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        if (body.Length > BodyMax)
        {
            throw new AwsRefusal(413, "RequestEntityTooLarge", "The request is too large.");
        }

        var raw = context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>()!.RawTarget;
        return new(
            context.Request.Method,
            raw,
            context.Request.Headers.ToDictionary(header => header.Key.ToLowerInvariant(), header => header.Value.ToString()),
            body.ToArray());
    }

    /// <summary>Names and values of a form or a query, unescaped.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> Pairs(string text) =>
    [
        .. from part in text.Split('&', StringSplitOptions.RemoveEmptyEntries)
           let cut = part.IndexOf('=', StringComparison.Ordinal)
           select cut < 0
               ? new KeyValuePair<string, string>(Plain(part), "")
               : new(Plain(part[..cut]), Plain(part[(cut + 1)..])),
    ];

    private static string Plain(string text) => Uri.UnescapeDataString(text.Replace('+', ' '));
}
