using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Fury.Sdk;
using Fury.Sdk.Gateway;
using Fury.Sdk.Objects;
using Fury.Testing;

namespace Fury.Services.Tests.Gateway;

/// <summary>Objects that break off in the middle on their way through the gateway: never is a part of one taken for the whole, and the error says so.</summary>
public sealed class BrokenTransferTests(GatewayHost host) : IClassFixture<GatewayHost>, IAsyncLifetime
{
    private const int Cut = 100_000;
    private const string Key = "report.pdf";

    private static readonly byte[] Small = RandomNumberGenerator.GetBytes(1_500_000);

    public enum Break
    {
        OfTheWay,
        OfTheProvider,

        /// <summary>The provider's stream just ends, as if that were all.</summary>
        TooEarly,
        TooLate,
    }

    public static TheoryData<Break, bool> Downloads
    {
        get
        {
            var all = new TheoryData<Break, bool>();
            foreach (var each in Enum.GetValues<Break>())
            {
                all.Add(each, false);
                all.Add(each, true);
            }

            return all;
        }
    }

    public Task InitializeAsync()
    {
        (host.CutsRequests, host.CutsAnswers, host.Tears) = (default, default, null);
        return Task.CompletedTask;
    }

    public Task DisposeAsync() => InitializeAsync();

    [Theory]
    [MemberData(nameof(Downloads))]
    public async Task A_download_that_breaks_off_ends_with_an_error_and_never_as_if_it_were_whole(Break kind, bool isRange)
    {
        var (app, bucket) = await Bucket($"download-{kind}-{isRange}".ToLowerInvariant());
        await using var end = app;
        await bucket.WriteAsync(Key, Small);
        // Of a range nothing but its length can be held against what was written.
        var options = isRange ? new ObjectReadOptions { Offset = 10, Length = Small.Length - 20 } : null;
        Assert.Equal(isRange ? Small[10..^10] : Small, await Read(bucket, options));
        host.Tears = kind switch
        {
            Break.OfTheProvider => content => new CutStream(content, Cut, () => { }),
            Break.TooEarly => content => new MemoryStream(new byte[Cut]),
            Break.TooLate => content => new MemoryStream(new byte[Small.Length + 1]),
            _ => null,
        };
        host.CutsAnswers = kind == Break.OfTheWay ? (Cut, 1) : default;

        var error = await Assert.ThrowsAsync<FuryException>(() => Read(bucket, options));

        Assert.Equal((FuryErrorCode.Unavailable, true), (error.Code, error.IsTransient));
        await InitializeAsync();
        Assert.Equal(isRange ? Small[10..^10] : Small, await Read(bucket, options));
    }

    [Theory]
    [InlineData(1_500_000)]
    [InlineData(9_000_000)]
    public async Task An_upload_that_is_cut_off_once_is_sent_again_and_is_whole(int length)
    {
        var (app, bucket) = await Bucket($"again-{length}");
        await using var end = app;
        var content = RandomNumberGenerator.GetBytes(length);
        host.CutsRequests = (Cut, 1);

        await bucket.WriteAsync(Key, new MemoryStream(content));

        Assert.Equal(0, host.CutsRequests.Times);
        Assert.Equal(content, await Read(bucket, null));
    }

    [Theory]
    [InlineData(1_500_000)]
    [InlineData(9_000_000)]
    public async Task An_upload_that_is_always_cut_off_is_an_error_and_the_object_stays_what_it_was(int length)
    {
        var (app, bucket) = await Bucket($"never-{length}");
        await using var end = app;
        await bucket.WriteAsync(Key, "before"u8.ToArray());
        host.CutsRequests = (Cut, int.MaxValue);

        var error = await Assert.ThrowsAsync<FuryException>(() => bucket.WriteAsync(Key, new MemoryStream(new byte[length])));

        Assert.Equal((FuryErrorCode.Unavailable, true), (error.Code, error.IsTransient));
        await InitializeAsync();
        Assert.Equal("before"u8.ToArray(), await Read(bucket, null));
    }

    [Fact]
    public async Task A_client_that_ends_in_the_middle_of_an_upload_leaves_nothing_and_the_provider_is_not_asked()
    {
        var (app, bucket) = await Bucket("half");
        await using var end = app;
        var (asked, fields) = (host.Asked, new WireWriter().Text(Key));
        ObjectWire.Condition(ObjectWire.Headers(fields, new("text/plain", new Dictionary<string, string>())).Bytes(default), WriteCondition.None);
        using (var client = new TcpClient())
        {
            await client.ConnectAsync(host.Address.Host, host.Address.Port);
            var stream = client.GetStream();
            await stream.WriteAsync(Encoding.ASCII.GetBytes(
                $"POST {GatewayProtocol.Path}objects/put HTTP/1.1\r\nHost: gateway\r\nContent-Type: {GatewayProtocol.ContentType}\r\n"
                + $"Authorization: Bearer {host.TokenOf(GatewayHost.Shop)}\r\n{GatewayProtocol.ServiceHeader}: half\r\n{GatewayProtocol.EpochHeader}: 1\r\n"
                + $"Content-Length: {fields.Frame().Length + 2 * Cut}\r\n\r\n"));
            await stream.WriteAsync(fields.Frame());
            await stream.WriteAsync(new byte[Cut]);
        }

        // Whatever the host would still ask of the provider for it, it has by now.
        await Eventually.True(() => host.Ended("half", "objects/put") == 1);
        Assert.Null(await bucket.GetPropertiesAsync(Key));
        Assert.Equal(asked + 1, host.Asked);
    }

    private async Task<(GatewayApp App, ObjectBucket Bucket)> Bucket(string service)
    {
        host.Bind(ServiceKind.Objects, service, 1, "torn");
        var app = new GatewayApp(host);
        return (app, await app.Open(ServiceKind.Objects, service, fury => fury.Objects(service)));
    }

    private static async Task<byte[]> Read(ObjectBucket bucket, ObjectReadOptions? options)
    {
        await using var download = await bucket.OpenReadAsync(Key, options);
        var read = new MemoryStream();
        await download!.Content.CopyToAsync(read);
        return read.ToArray();
    }
}
