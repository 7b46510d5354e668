using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;

namespace Fury.Host.Tests;

public sealed class SettingsTests
{
    private static readonly string Token = new('t', HostSettings.TokenLengthMin);

    [Theory]
    [InlineData(null)]
    [InlineData("http://localhost:7080")]
    [InlineData("http://127.0.0.2:1")]
    [InlineData("http://[::1]:7080")]
    public void Loopback_needs_no_token(string? listen) => Assert.True(Read(listen, null).IsLoopback);

    [Theory]
    [InlineData("http://0.0.0.0:7080")]
    [InlineData("http://[::]:7080")]
    [InlineData("http://*:7080")]
    [InlineData("http://+:7080")]
    [InlineData("http://192.168.1.10:7080")]
    [InlineData("https://fury.example")]
    [InlineData("http://127.0.0.1.example:7080")]
    public void Beyond_loopback_a_token_is_demanded(string listen)
    {
        Assert.Contains("Fury:Auth:Token", Assert.Throws<BadSettings>(() => Read(listen, null)).Message, StringComparison.Ordinal);
        Assert.False(Read(listen, Token).IsLoopback);
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("ftp://127.0.0.1:1")]
    [InlineData("http://127.0.0.1:7080/base")]
    [InlineData("http://unix:/tmp/socket")]
    public void A_bad_address_is_named(string listen) =>
        Assert.Contains(listen, Assert.Throws<BadSettings>(() => Read(listen, Token)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("short")]
    [InlineData("0123456789abcdef0123456789abcde")]
    [InlineData("0123456789abcdef 0123456789abcdef")]
    public void A_bad_token_is_refused_and_not_repeated(string token) =>
        Assert.DoesNotContain(token, Assert.Throws<BadSettings>(() => Read(null, token)).Message, StringComparison.Ordinal);

    [Fact]
    public void Kestrel_endpoints_may_not_open_another_door()
    {
        var settings = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Kestrel:Endpoints:Other:Url"] = "http://0.0.0.0:1",
        }).Build();

        Assert.Throws<BadSettings>(() => HostSettings.Read(settings));
    }

    [Fact]
    public void Switches_and_full_names_are_settings()
    {
        using var settings = new ConfigurationManager();

        CommandLine.Add(settings, ["--data", "/d", "--listen=http://127.0.0.1:1", "--Sidecar:Listen", "http://127.0.0.1:2", "--A:B=x=y"]);

        Assert.Equal(
            ("/d", "http://127.0.0.1:1", "http://127.0.0.1:2", "x=y"),
            (settings["Fury:DataFolder"], settings["Fury:Listen"], settings["Sidecar:Listen"], settings["A:B"]));
    }

    [Theory]
    [InlineData("--dta", "x")]
    [InlineData("data")]
    [InlineData("-d", "x")]
    [InlineData("--data")]
    [InlineData("--data", "x", "stray")]
    public void A_slip_on_the_command_line_is_refused(params string[] args)
    {
        using var settings = new ConfigurationManager();
        Assert.Throws<BadSettings>(() => CommandLine.Add(settings, args));
    }

    [Fact]
    public void A_port_that_is_taken_is_told_by_its_address()
    {
        // An address that nobody else is at: the port of 127.0.0.1 would be anybody's the moment it is free.
        using var other = new TcpListener(IPAddress.Parse("127.83.7.1"), 0);
        other.Start();
        var address = $"http://{other.LocalEndpoint}";

        Assert.Contains(address, Assert.Throws<BadSettings>(() => StartUp.RequireFree(BindingAddress.Parse(address))).Message, StringComparison.Ordinal);

        other.Stop();
        StartUp.RequireFree(BindingAddress.Parse(address));
    }

    private static HostSettings Read(string? listen, string? token) => HostSettings.Read(new ConfigurationBuilder()
        .AddInMemoryCollection(new Dictionary<string, string?> { ["Fury:Listen"] = listen, ["Fury:Auth:Token"] = token }).Build());
}
