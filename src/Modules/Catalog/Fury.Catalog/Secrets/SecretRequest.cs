using System.Text;
using System.Text.Json.Serialization;
using Fury.Catalog.Contracts;
using Fury.Kernel;

namespace Fury.Catalog.Secrets;

/// <summary>What a caller gives a secret.</summary>
/// <param name="Value">Text of 1 byte to 32 KiB in UTF-8. It goes in and comes out for instances only.</param>
/// <param name="By">Who says so, where the caller's name is not proven; at most 100 characters.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record SecretRequest(string? Value, string? By = null)
{
    /// <summary>Holds a value at its limit, each character of which may be written as six (<c>\u000a</c>).</summary>
    public const int RequestBytesMax = 256 * 1024;

    private const int ByLengthMax = 100;

    public Outcome<SecretWish> Read(SecretRef secret)
    {
        var validation = new Validation();
        var bytes = Value is null ? 0 : Encoding.UTF8.GetByteCount(Value);
        validation.Require(
            bytes is >= 1 and <= ScopeSecret.ValueBytesMax,
            Value is null ? null : $"({bytes} bytes)",
            $"text of 1 to {ScopeSecret.ValueBytesMax} bytes in UTF-8",
            "value");
        var by = validation.Note(By, ByLengthMax);
        return validation.Fault is { } fault ? fault : new SecretWish(secret, Value!, by);
    }

    /// <summary>Whoever logs what an action is called with logs no secret.</summary>
    public override string ToString() => "SecretRequest(hidden)";
}

/// <summary>A checked <see cref="SecretRequest"/>.</summary>
internal sealed record SecretWish(SecretRef Secret, string Value, string By)
{
    public override string ToString() => $"SecretWish({Secret}, hidden)";
}
