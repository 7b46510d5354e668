namespace Fury.Sdk.Tests.Surface;

public sealed class ErrorTests
{
    /// <summary>Stored in metrics by others: a number never changes its meaning.</summary>
    [Fact]
    public void The_numbers_of_the_codes_are_frozen() => Assert.Equal(
        "Unknown=1 NotFound=2 AlreadyExists=3 PreconditionFailed=4 InvalidArgument=5 PayloadTooLarge=6 PermissionDenied=7 Unauthenticated=8 "
        + "QuotaExceeded=9 Throttled=10 Unavailable=11 Timeout=12 CapabilityNotSupported=13 Corrupted=14 LeaseLost=15 FencedOff=16 CursorExpired=17 "
        + "NotBound=18 StaleBinding=19 MigrationInProgress=20 Aborted=21 ResidencyDenied=22 Internal=23",
        string.Join(' ', Enum.GetValues<FuryErrorCode>().Select(code => $"{code}={(int)code}")));

    [Fact]
    public void A_message_says_where_it_happened_and_that_it_may_have_happened()
    {
        var error = new FuryException(FuryErrorCode.Timeout, "No answer in time.") { OutcomeUnknown = true };
        error.Call = new FuryCallInfo("carts", "set", "redis", 3, 2);

        Assert.Equal("set carts: No answer in time. The write may have happened.", error.Message);
    }
}
