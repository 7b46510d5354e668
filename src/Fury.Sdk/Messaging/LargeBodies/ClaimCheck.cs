using Fury.Sdk.Drivers;
using Fury.Sdk.Objects;

namespace Fury.Sdk.Messaging;

/// <summary>
/// The one layer that keeps large bodies as objects. A body is written before its message is sent, and removed after its message is completed, where only one
/// receiver has it; what is left over by accidents is swept away after its life.
/// </summary>
/// <param name="bucket">Asked when it is needed first: it may be declared later than the queue.</param>
/// <param name="service">The name of a queue, topic or subscription.</param>
internal sealed class ClaimCheck(LargeBodyOptions options, Func<ObjectBucket> bucket, string service, TimeProvider clock)
{
    /// <summary>The header that names the object.</summary>
    public const string Header = "fury-body";

    private const int DeleteMax = 500;
    private readonly string[] _names = service.Split('/');

    public int BytesMax => options.BytesMax;

    public TimeSpan Life => options.Life;

    /// <summary>Others may have messages with the same body.</summary>
    private bool IsShared => _names.Length > 1;

    /// <summary>Of a subscription, those of its topic.</summary>
    private string Prefix => $"fury-bodies/{_names[0]}/";

    public static string? KeyOf(DriverMessage message) => message.Headers.GetValueOrDefault(Header);

    /// <summary>Sends a message, without its body where that is too large.</summary>
    /// <param name="check">Null: none is too large.</param>
    /// <param name="send">Whether there was such a message, and whether that may be one of its own earlier attempts, which names the same body.</param>
    public static async ValueTask<bool> Send(
        ClaimCheck? check,
        DriverMessage message,
        Func<DriverMessage, CancellationToken, ValueTask<(bool IsDuplicate, bool MayBeOurs)>> send,
        CancellationToken cancellation)
    {
        if (check is null || message.Body.Length <= MessageChecks.BodyBytesMax)
        {
            return (await send(message, cancellation)).IsDuplicate;
        }

        var key = check.Prefix + Guid.CreateVersion7(check.Clock.GetUtcNow()).ToString("N");
        await check.Bucket().WriteAsync(key, message.Body, cancellationToken: cancellation);
        var small = message with { Body = default, Headers = new Dictionary<string, string>(message.Headers) { [Header] = key } };
        try
        {
            var (isDuplicate, mayBeOurs) = await send(small, cancellation);
            if (isDuplicate && !mayBeOurs)
            {
                await check.Remove(key);
            }

            return isDuplicate;
        }
        catch (FuryException failure) when (!failure.OutcomeUnknown)
        {
            await check.Remove(key);
            throw;
        }
    }

    /// <summary>The whole body; null when it is gone, or when what is named is none of these bodies.</summary>
    public async Task<ReadOnlyMemory<byte>?> Read(string key, CancellationToken cancellation) =>
        IsOurs(key) && await bucket().ReadBytesAsync(key, cancellationToken: cancellation) is { } bytes ? (ReadOnlyMemory<byte>?)bytes : null;

    /// <summary>After its message was completed.</summary>
    public Task Done(string key) => IsShared || !IsOurs(key) ? Task.CompletedTask : Remove(key);

    /// <summary>Removes what has outlived its life.</summary>
    public async Task Sweep(CancellationToken cancellation)
    {
        var before = clock.GetUtcNow() - options.Life;
        await foreach (var page in bucket().List(new ObjectListOptions { Prefix = Prefix }).AsPages(pageSize: DeleteMax, cancellationToken: cancellation))
        {
            List<string> old = [.. page.Items.Where(each => each.LastModified < before).Select(each => each.Key)];
            if (old.Count > 0)
            {
                await bucket().DeleteManyAsync(old, cancellation);
            }
        }
    }

    private TimeProvider Clock => clock;

    private Func<ObjectBucket> Bucket => bucket;

    /// <summary>Whoever can send to the queue must not choose which other objects are read and removed.</summary>
    private bool IsOurs(string key) => key.StartsWith(Prefix, StringComparison.Ordinal) && key.Length == Prefix.Length + 32;

    private async Task Remove(string key)
    {
        try
        {
            await bucket().DeleteAsync(key);
        }
        catch (FuryException)
        {
            // It is swept away later.
        }
    }
}
