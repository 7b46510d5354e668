namespace Fury.Providers.Aws.Wire;

/// <summary>A call before it is signed.</summary>
/// <param name="Service">As it is signed for: <c>ec2</c>, <c>eks</c>, <c>sts</c>.</param>
/// <param name="Path">Begins with a slash; each part is escaped already.</param>
/// <param name="Query">In the order in which it is sent.</param>
/// <param name="ContentType">Null where there is no body.</param>
internal sealed record AwsRequest(
    string Service,
    string Region,
    string Method,
    string Path,
    IReadOnlyList<KeyValuePair<string, string>> Query,
    string? ContentType,
    string Body)
{
    /// <summary>The query protocol: everything is a form.</summary>
    public static AwsRequest Form(string service, string region, IReadOnlyList<KeyValuePair<string, string>> fields) => new(
        service, region, "POST", "/", [], "application/x-www-form-urlencoded; charset=utf-8", Encoded(fields));

    public static AwsRequest Json(string service, string region, string method, string path, string? body = null) =>
        new(service, region, method, path, [], body is null ? null : "application/json", body ?? "");

    /// <summary>As RFC 3986 says, and as signatures need it: a space is %20.</summary>
    public static string Encoded(IEnumerable<KeyValuePair<string, string>> fields) =>
        string.Join('&', fields.Select(field => $"{Uri.EscapeDataString(field.Key)}={Uri.EscapeDataString(field.Value)}"));

    /// <summary>The body may hold what an application is configured with.</summary>
    public override string ToString() => $"{Method} {Service}.{Region}{Path}";
}

/// <summary>What came back.</summary>
/// <param name="ErrorType">The header in which JSON services name an error; null where there is none.</param>
internal sealed record AwsAnswer(int Status, string Body, string? ErrorType)
{
    public bool IsOk => Status is >= 200 and < 300;

    public override string ToString() => $"{Status}";
}
