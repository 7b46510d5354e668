namespace Fury.Sidecar.Tests;

public sealed class SidecarOptionsTests
{
    [Theory]
    [InlineData("http://0.0.0.0:7081")]
    [InlineData("https://127.0.0.1:7081")]
    [InlineData("http://192.168.1.1:7081")]
    [InlineData("127.0.0.1:7081")]
    [InlineData("nonsense")]
    public void Only_loopback_http_addresses_may_be_listened_on(string listen)
    {
        var checkedOptions = new SidecarOptionsRules().Validate(null, new SidecarOptions { Listen = listen });

        Assert.True(checkedOptions.Failed);
        Assert.Contains(listen, checkedOptions.FailureMessage);
    }

    [Theory]
    [InlineData("DataPlane", "nginx", "yarp or haproxy")]
    [InlineData("Scope", "", "application/scope")]
    [InlineData("Haproxy:PoolsMax", "0", "1 to 4096")]
    [InlineData("Haproxy:PoolsMax", "4097", "1 to 4096")]
    [InlineData("Haproxy:Binary", "/nowhere/haproxy", "the file of the program")]
    public void What_is_wrong_with_a_data_plane_is_said_with_its_name_its_value_and_what_is_right(string setting, string value, string right)
    {
        var options = new SidecarOptions { DataPlane = SidecarOptions.HaproxyName, Scope = "shop/production-web" };
        switch (setting)
        {
            case "DataPlane":
                options.DataPlane = value;
                break;
            case "Scope":
                options.Scope = value;
                break;
            case "Haproxy:Binary":
                options.Haproxy.Binary = value;
                break;
            default:
                options.Haproxy.PoolsMax = int.Parse(value);
                break;
        }

        var refused = new SidecarOptionsRules().Validate(null, options).FailureMessage;

        Assert.StartsWith($"Sidecar:{setting} is '{value}' and ", refused);
        Assert.Contains(right, refused);
    }
}
