using Fury.ClusterApi.Kubernetes.Seeing;

namespace Fury.ClusterApi.Tests.Seeing;

public sealed class QuantitiesTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("1", 1)]
    [InlineData("1.5", 1.5)]
    [InlineData("250m", 0.25)]
    [InlineData("100u", 0.0001)]
    [InlineData("1k", 1000)]
    [InlineData("2Ki", 2048)]
    [InlineData("1Gi", 1073741824)]
    [InlineData("129M", 129000000)]
    [InlineData("1e3", 1000)]
    [InlineData("1E3", 1000)]
    [InlineData("2E", 2e18)]
    [InlineData("-1", -1)]
    public void Quantities_are_read(string text, double value) => Assert.Equal((decimal)value, Quantities.Parse(text));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("much")]
    [InlineData("1x")]
    [InlineData("Mi")]
    [InlineData("99999999999999999999999999Ei")]
    public void What_is_none_is_null(string? text) => Assert.Null(Quantities.Parse(text));
}
