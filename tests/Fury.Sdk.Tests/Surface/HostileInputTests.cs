using Fury.Sdk.KeyValue;
using Fury.Sdk.Messaging;
using Fury.Sdk.Objects;
using Fury.Sdk.Testing;

namespace Fury.Sdk.Tests.Surface;

/// <summary>What is wrong is refused before any I/O, by an error that names the field, shows the value and says what would be right.</summary>
public sealed class HostileInputTests
{
    public static TheoryData<string, string> Keys => new()
    {
        { "", "Partition is empty; it must have 1 to 1024 bytes of UTF-8." },
        { "a\0b", @"Partition 'a\u0000b' holds a NUL character at 1; any other is right." },
        { new string('k', 1025), $"Partition '{new string('k', 80)}…' has 1025 bytes of UTF-8; at most 1024." },
        { new string('é', 513), $"Partition '{new string('é', 80)}…' has 1026 bytes of UTF-8; at most 1024." },
    };

    [Theory]
    [MemberData(nameof(Keys))]
    public async Task A_bad_key_is_refused(string key, string message)
    {
        await using var fury = await Start();
        var store = fury.Services.KeyValue("carts");
        fury.Faults.Clear();

        var error = await Assert.ThrowsAsync<FuryException>(() => store.SetAsync(key, new byte[1]));

        Assert.Equal((FuryErrorCode.InvalidArgument, message), (error.Code, error.Message));
        Assert.Empty(fury.Faults.Calls);
    }

    [Fact]
    public async Task Bad_arguments_are_refused_with_what_would_be_right()
    {
        await using var fury = await Start();
        var (store, bucket, queue) = (fury.Services.KeyValue("carts"), fury.Services.Objects("files"), fury.Services.Queue("jobs"));
        fury.Faults.Clear();

        await Says(@"Partition 'a\ud800' holds half a surrogate pair at 1, which is no text of Unicode.", () => store.SetAsync("a\ud800", default));
        await Says(@"Sort '\udc00a' holds half a surrogate pair at 0", () => store.SetAsync(new KvKey("a", "\udc00a"), default));
        await Says("TimeToLive is 00:00:00", () => store.SetAsync("a", default, new KvWriteOptions { TimeToLive = TimeSpan.Zero }));
        await Says("The ETag of IfMatch is empty", () => store.SetAsync("a", default, new KvWriteOptions { Condition = WriteCondition.IfMatch(default) }));
        await Says("Timeout is -00:00:01", () => store.GetAsync("a", new CallOptions { Timeout = TimeSpan.FromSeconds(-1) }).AsTask());
        await Says("The number of keys is 101; it must be 1 to 100.", () =>
            store.GetManyAsync([.. Enumerable.Range(0, 101).Select(each => new KvKey($"{each}"))]));
        await Says("A transaction is of one partition; this one has 'a' and 'b'.", () => store.TransactAsync([new KvDelete("a"), new KvDelete("b")]));
        await Says("is in the transaction twice", () => store.TransactAsync([new KvDelete("a"), new KvPut("a", default)]));
        await Says("continuationToken 'junk' is none", async () =>
        {
            await foreach (var page in store.Scan("p").AsPages("junk"))
            {
            }
        });
        await Says("The metadata key 'Upper'", () => bucket.WriteAsync("a", default(ReadOnlyMemory<byte>), With("Upper", "x")));
        await Says("begins with 'fury-'", () => bucket.WriteAsync("a", default(ReadOnlyMemory<byte>), With("fury-write", "x")));
        await Says(@"Metadata 'x' is 'a\u000ab'", () => bucket.WriteAsync("a", default(ReadOnlyMemory<byte>), With("x", "a\nb")));
        await Says("resumeToken 'junk' is none", () => bucket.ResumeWriteAsync("junk"));
        await Says("MaxMessages is 0", () => queue.ReceiveAsync(new ReceiveOptions { MaxMessages = 0 }));
        await Says("The attribute 'a b' must be named by", () => queue.SendAsync(
            new OutgoingMessage(default) { Attributes = new Dictionary<string, string> { ["a b"] = "" } }));
        Assert.Empty(fury.Faults.Calls);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Carts")]
    [InlineData("a/b/c")]
    [InlineData("a/")]
    [InlineData("-a")]
    [InlineData("a b")]
    public async Task A_bad_name_of_a_service_is_refused(string name)
    {
        var error = await Assert.ThrowsAsync<FuryException>(() => FuryTestHost.StartAsync(app => app.AddKeyValue(name)));

        Assert.Contains("lower-case letters, digits and dashes", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_that_is_not_declared_is_named_with_those_that_are()
    {
        await using var fury = await Start();

        var error = Assert.Throws<FuryException>(() => fury.Services.KeyValue("cart"));

        Assert.Equal("No service 'cart' of kind KeyValue is declared; declared are carts. Add it to AddFury().", error.Message);
    }

    [Fact]
    public async Task No_error_shows_what_was_written()
    {
        await using var fury = await Start();
        var canary = System.Text.Encoding.UTF8.GetBytes("canary-4411");
        await fury.Services.KeyValue("carts").SetAsync("a", canary);

        var error = await Assert.ThrowsAsync<FuryException>(() => fury.Services.KeyValue("carts").IncrementAsync("a"));

        Assert.DoesNotContain("canary-4411", error.ToString(), StringComparison.Ordinal);
    }

    private static Task<FuryTestHost> Start() => FuryTestHost.StartAsync(app =>
    {
        app.AddKeyValue("carts");
        app.AddObjects("files");
        app.AddQueue("jobs");
    });

    private static ObjectWriteOptions With(string name, string value) => new() { Metadata = new Dictionary<string, string> { [name] = value } };

    private static async Task Says(string part, Func<Task> act)
    {
        var error = await Assert.ThrowsAsync<FuryException>(act);
        Assert.Equal(FuryErrorCode.InvalidArgument, error.Code);
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
    }
}
