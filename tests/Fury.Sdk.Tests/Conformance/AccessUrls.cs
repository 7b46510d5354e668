using System.Net;
using Fury.Sdk.Drivers;
using Fury.Sdk.Objects;

namespace Fury.Sdk.Tests.Conformance;

internal static class AccessUrls
{
    /// <summary>An address writes one object and one reads it, without any credential; one that was changed reads nothing.</summary>
    /// <param name="from">A part of the address that reads.</param>
    /// <param name="to">What somebody would like to have there.</param>
    public static async Task ReadAndWriteOne(IObjectDriver driver, HttpStatusCode written, string from, string to)
    {
        var minute = TimeSpan.FromMinutes(1);
        var write = await driver.CreateAccessUrlAsync("a/ü b", new AccessUrlOptions(UrlAccess.Write, minute) { ContentType = "text/plain" }, default);
        using var http = new HttpClient();
        using var content = new ByteArrayContent("from outside"u8.ToArray());
        foreach (var (name, value) in write.RequiredHeaders)
        {
            content.Headers.TryAddWithoutValidation(name, value);
        }

        using var put = await http.PutAsync(write.Uri, content);
        Assert.Equal(written, put.StatusCode);

        var read = await driver.CreateAccessUrlAsync("a/ü b", new AccessUrlOptions(UrlAccess.Read, minute), default);
        Assert.Equal("from outside", await http.GetStringAsync(read.Uri));
        Assert.Contains(from, read.Uri.AbsoluteUri, StringComparison.Ordinal);
        using var changed = await http.GetAsync(new Uri(read.Uri.AbsoluteUri.Replace(from, to, StringComparison.Ordinal)));
        Assert.Equal(HttpStatusCode.Forbidden, changed.StatusCode);
    }
}
