using System.Net;
using Fury.Deployments.Webhooks;
using Fury.Kernel;
using Microsoft.Extensions.DependencyInjection;

namespace Fury.Deployments.Tests.Webhooks;

/// <summary>Subscribers that lead elsewhere, or nowhere.</summary>
public sealed class HostileTests(House house) : IClassFixture<House>
{
    [Fact]
    public async Task A_redirect_is_not_followed()
    {
        await using var receiver = await Receiver.Start();
        await using var elsewhere = await Receiver.Start();
        await using var mail = new Mail(house);
        receiver.Answer = (context, _) =>
        {
            context.Response.Headers.Location = elsewhere.Url;
            return Task.FromResult(307);
        };

        Assert.Equal("It answered 307; redirects are not followed.", await Post(mail, receiver.Url));
        Assert.Empty(elsewhere.All);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("localhost")]
    [InlineData("[::ffff:127.0.0.1]")]
    public async Task Nothing_is_sent_to_this_machine_unless_that_is_allowed_whatever_it_is_called(string host)
    {
        await using var receiver = await Receiver.Start();
        await using var mail = new Mail(house, services => services.AddSingleton(new WebhookOptions(AddressPolicy.Parse("10.0.0.0/8"), null)));

        var error = await Post(mail, $"http://{host}:{receiver.Port}/");

        Assert.Contains("is a private or reserved address", error, StringComparison.Ordinal);
        Assert.Equal((0, 0), (receiver.All.Count, receiver.Forged));
    }

    [Fact]
    public async Task Who_does_not_answer_is_not_waited_for()
    {
        await using var receiver = await Receiver.Start();
        await using var mail = new Mail(house);
        var released = new TaskCompletionSource();
        receiver.Answer = async (_, _) =>
        {
            await released.Task;
            return 200;
        };
        using var client = new WebhookClient(mail.Get<WebhookOptions>(), new LeapingClock());

        Assert.Equal("It did not answer within 10 s.", await client.Post(Delivery(receiver.Url), default));
        released.SetResult();
    }

    [Fact]
    public async Task Who_is_not_there_or_answers_nonsense_has_failed()
    {
        await using var mail = new Mail(house);
        var gone = await Receiver.Start();
        var url = gone.Url;
        await gone.DisposeAsync();
        using var listener = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var nonsense = Post(mail, $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/");
        using (var socket = await listener.AcceptSocketAsync())
        {
            await socket.SendAsync("SSH-2.0-hello\r\n\r\n"u8.ToArray());
        }

        Assert.NotNull(await nonsense);
        Assert.NotNull(await Post(mail, url));
        Assert.NotNull(await Post(mail, "http://no-such-host.invalid/"));
    }

    private static Task<string?> Post(Mail mail, string url) => mail.Get<WebhookClient>().Post(Delivery(url), default);

    private static Delivery Delivery(string url) => new(
        1, "hostile", new(url), new(Receiver.Secret), 1, default, default,
        new Notice(
            "1", default, "t", ApplicationName.Parse("shop"), ScopeName.Parse("test-web"), VersionName.Parse("1.0.0"), default, 1, default, default, "m",
            new Dictionary<string, string>(), "/"));
}
