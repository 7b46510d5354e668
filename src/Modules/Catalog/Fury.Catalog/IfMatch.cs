using Fury.Kernel;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Fury.Catalog;

/// <summary>The state that a caller says it changes: the If-Match header (RFC 9110 §13.1.1), whose tags are revisions.</summary>
internal sealed record IfMatch(bool Given, bool Any, IReadOnlyList<string> Tags)
{
    public static IfMatch Absent { get; } = new(false, false, []);

    /// <summary><see cref="Absent"/> without the header; <see cref="FaultKind.Invalid"/> when it cannot be read.</summary>
    public static Outcome<IfMatch> Of(HttpRequest request)
    {
        var header = request.Headers.IfMatch;
        if (header.Count == 0)
        {
            return Absent;
        }

        // Weak tags are left out: If-Match compares strongly.
        return EntityTagHeaderValue.TryParseStrictList(header, out var tags)
            ? new IfMatch(true, tags.Contains(EntityTagHeaderValue.Any), [.. tags.Where(tag => !tag.IsWeak).Select(tag => tag.Tag.ToString())])
            : Fault.Invalid(HeaderNames.IfMatch, header.ToString(), "the ETag of an earlier answer with its double quotes, e.g. \"3\", or *");
    }

    public static string Tag(long revision) => $"\"{revision}\"";

    /// <summary>Why the present state may not be replaced by other content; null when it may.</summary>
    public Fault? Refusal(string what, object name, long revision) =>
        Any || Tags.Contains(Tag(revision)) ? null : Stale(what, name, revision);

    /// <summary>What there is not cannot match (RFC 9110 §13.1.1).</summary>
    public static Fault Missing(string what, object name) =>
        Fault.Stale($"There is no {what} '{name}', so If-Match cannot match. Send the request without If-Match to create it.");

    private Fault Stale(string what, object name, long revision) =>
        Fault.Stale(Given
                ? $"The {what} '{name}' has changed: its ETag is now {Tag(revision)}. Read it again, then send your change with If-Match."
                : $"The {what} '{name}' exists with other content. To change it send If-Match with its ETag, which is now {Tag(revision)}.")
            .With("etag", Tag(revision));
}

/// <summary>What a PUT has led to.</summary>
/// <param name="Created">True for the one request that made it.</param>
internal sealed record Put<T>(T Value, bool Created);
