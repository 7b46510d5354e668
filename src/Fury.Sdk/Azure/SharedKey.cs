using System.Security.Cryptography;
using System.Text;

namespace Fury.Sdk.Azure;

/// <summary>How Azure Storage lets a request prove that it knows the account's key. Pure; the key is never shown.</summary>
internal sealed class SharedKey(string account, byte[] key)
{
    /// <summary>Headers that are signed in this order by their values alone.</summary>
    private static readonly string[] ByPlace =
    [
        "content-encoding", "content-language", "content-length", "content-md5", "content-type", "date", "if-modified-since", "if-match", "if-none-match",
        "if-unmodified-since", "range",
    ];

    public string Account => account;

    /// <summary>The value of the header <c>Authorization</c>.</summary>
    /// <param name="path">As it is sent, encoded.</param>
    /// <param name="query">Not encoded.</param>
    /// <param name="headers">Names in lower case. A <c>content-length</c> of 0 is left out.</param>
    public string Authorize(
        string method, string path, IEnumerable<(string Name, string Value)> query, IReadOnlyCollection<(string Name, string Value)> headers)
    {
        var text = new StringBuilder(method).Append('\n');
        foreach (var name in ByPlace)
        {
            text.Append(headers.FirstOrDefault(each => each.Name == name).Value).Append('\n');
        }

        var ours = headers.Where(each => each.Name.StartsWith("x-ms-", StringComparison.Ordinal));
        foreach (var (name, value) in ours.OrderBy(each => each.Name, StringComparer.Ordinal))
        {
            text.Append(name).Append(':').Append(value).Append('\n');
        }

        text.Append('/').Append(account).Append(path);
        foreach (var (name, value) in query.OrderBy(each => each.Name, StringComparer.Ordinal))
        {
            text.Append('\n').Append(name).Append(':').Append(value);
        }

        return $"SharedKey {account}:{Sign(text.ToString())}";
    }

    public string Sign(string text) => Convert.ToBase64String(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text)));

    public override string ToString() => $"SharedKey({account}, hidden)";
}
