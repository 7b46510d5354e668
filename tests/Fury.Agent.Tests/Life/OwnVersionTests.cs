namespace Fury.Agent.Tests.Life;

/// <summary>What an agent says of its own version.</summary>
public sealed class OwnVersionTests
{
    [Theory]
    [InlineData("1.4.0-rc.1+3f2c9ab", "1.4.0-rc.1")]
    [InlineData("1.4.0", "1.4.0")]
    [InlineData("+3f2c9ab", null)]
    [InlineData("1.4 beta", null)]
    [InlineData("1.4.0-12345678901234567890123456789012345678901234567890123456789", null)]
    [InlineData(null, null)]
    public void It_is_that_of_the_assembly_without_its_build_and_nothing_that_the_platform_would_refuse(string? built, string? told) =>
        Assert.Equal(told, OwnVersion.Of(built));
}
