using Fury.ClusterApi.Kubernetes.Dialects;
using Fury.Kernel;

namespace Fury.ClusterApi.Tests.Dialects;

public sealed class CronTranslationTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("30 3 * * *", "UTC", "30 3 * * *")]
    [InlineData("30 3 1 * *", "Etc/UTC", "30 3 1 * *")]
    [InlineData("30 3 * * *", "Etc/GMT-5", "30 22 * * *")]
    [InlineData("0 9-11,20 * * *", "Asia/Tokyo", "0 0,1,2,11 * * *")]
    [InlineData("0 9 * * 1-5", "Asia/Tokyo", "0 0 * * 1-5")]
    [InlineData("*/5 * * * *", "Asia/Tokyo", "*/5 * * * *")]
    public void What_can_be_said_in_utc_is(string cron, string zone, string expected) =>
        Assert.Equal(expected, CronTranslation.ToUtc(cron, zone, Now, "v1.22.0").Value);

    [Theory]
    [InlineData("0 9 * * *", "Europe/Berlin", "summer time")]
    [InlineData("0 9 * * *", "Asia/Kolkata", "whole hours")]
    [InlineData("0 3 * * 1-5", "Asia/Tokyo", "another day")]
    [InlineData("*/5 * * * 1", "Asia/Tokyo", "names days")]
    [InlineData("0 */2 * * *", "Asia/Tokyo", "more than a list")]
    public void What_cannot_is_refused_with_the_version_and_why(string cron, string zone, string why)
    {
        var fault = CronTranslation.ToUtc(cron, zone, Now, "v1.22.0").Fault!;

        Assert.Equal(FaultKind.Conflict, fault.Kind);
        Assert.Contains("v1.22.0", fault.Message, StringComparison.Ordinal);
        Assert.Contains(why, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_zone_is_invalid() => Assert.Equal(FaultKind.Invalid, CronTranslation.ToUtc("0 9 * * *", "Mars/Base", Now, "v1.22.0").Fault!.Kind);
}
