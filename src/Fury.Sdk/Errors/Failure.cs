namespace Fury.Sdk;

/// <summary>The errors that the portable layer itself makes.</summary>
internal static class Failure
{
    public static FuryException Invalid(string message) => new(FuryErrorCode.InvalidArgument, message);

    public static FuryException TooLarge(string field, long bytes, long most, string instead) =>
        new(FuryErrorCode.PayloadTooLarge, $"{field} has {bytes:N0} bytes; at most {most:N0}. {instead}");

    public static FuryException Unsupported(string service, Capability capability, string what) => new(
        FuryErrorCode.CapabilityNotSupported,
        $"{what} needs the capability '{capability}', which what stands behind '{service}' was not attested to have. " +
        $"Require it where the service is declared, so that it is bound to a provider that has it.");

    public static FuryException Condition(WriteCondition condition, ETag? current, bool unknown = false) => new(
        condition.Rule == WriteRule.IfAbsent ? FuryErrorCode.AlreadyExists : FuryErrorCode.PreconditionFailed,
        condition.Rule switch
        {
            WriteRule.IfAbsent => "There is something under the key already.",
            WriteRule.IfPresent => "There is nothing under the key.",
            _ => current is null ? "There is nothing of that revision under the key." : $"The revision is {current}, not {condition.Match}.",
        })
    {
        CurrentETag = current,
        OutcomeUnknown = unknown,
    };

    public static FuryException Fenced(long token, long seen) => new(
        FuryErrorCode.FencedOff, $"The fencing token {token} is older than {seen}, with which was written already: the lock has another holder.");

    public static FuryException LeaseLost(string what) => new(FuryErrorCode.LeaseLost, $"The lease of {what} is over; it may be another's by now.");

    public static FuryException Contended(string what, int attempts) => new(
        FuryErrorCode.Aborted, $"{what} was changed by others {attempts} times in a row.")
    { IsTransient = true };
}
