using System.Buffers.Text;
using System.Runtime.CompilerServices;
using System.Text;

namespace Fury.Sdk.Checks;

/// <param name="Last">The last key that was looked at; null at the end.</param>
internal readonly record struct Slice<T>(IReadOnlyList<T> Items, string? Last);

/// <summary>
/// A listing by key. Its token is the last key, so it stays good when things are added or removed, and after a switch of the provider.
/// </summary>
internal sealed class CursorPaged<T>(Func<string?, int, CancellationToken, Task<Slice<T>>> read) : Paged<T>
    where T : notnull
{
    private const int PageDefault = 500;
    private const int PageMax = 1000;
    private const string Mark = "k1.";

    public override async IAsyncEnumerable<Page<T>> AsPages(
        string? continuationToken = null, int? pageSize = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        Check.Between("pageSize", pageSize, 1, PageMax);
        var after = continuationToken is null ? null : Decode(continuationToken);
        while (true)
        {
            var slice = await read(after, pageSize ?? PageDefault, cancellationToken);
            after = slice.Last;
            if (slice.Items.Count > 0 || after is null)
            {
                yield return new Page<T>(slice.Items, after is null ? null : Encode(after));
            }

            if (after is null)
            {
                yield break;
            }
        }
    }

    private static string Encode(string key) => Mark + Base64Url.EncodeToString(Encoding.UTF8.GetBytes(key));

    private static string Decode(string token) =>
        token.StartsWith(Mark, StringComparison.Ordinal) && Base64Url.IsValid(token.AsSpan(Mark.Length))
            ? Encoding.UTF8.GetString(Base64Url.DecodeFromChars(token.AsSpan(Mark.Length)))
            : throw Failure.Invalid($"continuationToken {Check.Show(token)} is none; take it from a page as it is.");
}
