using System.Text.RegularExpressions;
using Fury.Kernel;
using Fury.Mesh.Contracts;

namespace Fury.Mesh.Policies;

/// <summary>Whether a policy can be kept to. Pure.</summary>
internal static partial class PolicyRules
{
    private const int DayMs = 24 * 60 * 60 * 1000;
    private const int YearSeconds = 365 * 24 * 60 * 60;
    private const int LimitMax = 1_000_000;

    /// <summary>Every field that is wrong, with what would be right; null when all are right.</summary>
    public static Fault? Check(TrafficPolicy policy)
    {
        var check = new Validation();
        Within(check, policy.RequestTimeoutMs, 1, DayMs, "requestTimeoutMs");
        if (policy.Retries is { } retries)
        {
            Within(check, retries.Attempts, 0, 5, "retries.attempts");
            Within(check, retries.BudgetPercent, 1, 100, "retries.budgetPercent");
            Within(check, retries.PerTryTimeoutMs, 1, DayMs, "retries.perTryTimeoutMs");
        }

        if (policy.Affinity is { } affinity)
        {
            check.Require(
                affinity.Header is null != affinity.Cookie is null, affinity.Header ?? "", "either a header or a cookie", "affinity");
            Token(check, affinity.Header, "affinity.header");
            Token(check, affinity.Cookie, "affinity.cookie");
            Within(check, affinity.CookieTtlSeconds, 1, YearSeconds, "affinity.cookieTtlSeconds");
        }

        Within(check, policy.Mirror?.Percent, 1, 100, "mirror.percent");
        if (policy.Outliers is { } outliers)
        {
            Within(check, outliers.Consecutive5xx, 1, 1000, "outliers.consecutive5xx");
            Within(check, outliers.EjectionSeconds, 1, 3600, "outliers.ejectionSeconds");
            Within(check, outliers.MaxEjectionPercent, 1, 100, "outliers.maxEjectionPercent");
        }

        if (policy.CircuitBreakers is { } breakers)
        {
            Within(check, breakers.MaxConnections, 1, LimitMax, "circuitBreakers.maxConnections");
            Within(check, breakers.MaxPendingRequests, 1, LimitMax, "circuitBreakers.maxPendingRequests");
            Within(check, breakers.MaxRequests, 1, LimitMax, "circuitBreakers.maxRequests");
            Within(check, breakers.MaxRetries, 0, LimitMax, "circuitBreakers.maxRetries");
        }

        return check.Fault;
    }

    private static void Within(Validation check, int? value, int least, int most, string field) =>
        check.Require(value is null || (value >= least && value <= most), value ?? 0, $"{least} to {most}", field);

    private static void Token(Validation check, string? value, string field) =>
        check.Require(value is null || Name().IsMatch(value), value ?? "", "1 to 100 letters, digits or hyphens", field);

    /// <summary>Names of headers and cookies are tokens (RFC 9110 §5.6.2); these are the ones that nobody has to escape.</summary>
    [GeneratedRegex(@"^[A-Za-z0-9_-]{1,100}\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Name();
}
