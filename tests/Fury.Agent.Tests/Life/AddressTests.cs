using System.Text.Json;
using Fury.Agent.Wire;
using Fury.Kernel;

namespace Fury.Agent.Tests.Life;

/// <summary>Where an application listens, and where its agent asks for its health.</summary>
public sealed class AddressTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fury-agent-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("0.0.0.0", "127.0.0.1")]
    [InlineData("::", "[::1]")]
    [InlineData("10.0.0.7", "10.0.0.7")]
    [InlineData("fd00::7", "[fd00::7]")]
    public void Health_is_asked_where_the_application_listens_and_over_loopback_where_it_listens_everywhere(string address, string home) =>
        Assert.Equal(home, HealthPoll.Home(address));

    [Theory]
    [InlineData(null, null)]
    [InlineData("10.0.0.7", null)]
    [InlineData("shop.example", "address must be an IP address of this machine, or 0.0.0.0")]
    [InlineData("", "address must be an IP address of this machine, or 0.0.0.0")]
    public void A_file_that_says_no_address_means_every_one_and_a_name_is_none(string? address, string? refusal)
    {
        var text = JsonSerializer.SerializeToNode(
            new AgentConfig(
                new Uri("https://platform.example"), "lot-1", new string('0', 64), new(AgentCloud.None, "i-1"),
                new("https://artifacts.example/a.tar", $"sha256:{new string('0', 64)}", "run", []), new Dictionary<string, string>(), 8080, null,
                TimeSpan.Zero, "/agent", new Uri(AgentConfig.ListenDefault)),
            FuryJson.Options)!.AsObject();
        text.Remove("address");
        if (address is not null)
        {
            text["address"] = address;
        }

        var file = Path.Combine(_folder, "config.json");
        File.WriteAllText(file, text.ToJsonString());
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var read = ConfigFile.Read(file);

        Assert.Equal(refusal is null, read.IsOk);
        Assert.Equal(refusal is null ? address ?? AgentConfig.AddressDefault : null, read.IsOk ? read.Value.Address : null);
        Assert.Contains(refusal ?? "", read.Fault?.Message ?? "", StringComparison.Ordinal);
    }
}
