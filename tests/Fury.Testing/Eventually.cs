using System.Diagnostics;
using System.Runtime.CompilerServices;
using Xunit.Sdk;

namespace Fury.Testing;

/// <summary>Waits for a condition with a deadline, never for a time to pass.</summary>
public static class Eventually
{
    /// <summary>Generous, since it is only waited for by a test that fails: two cores that are shared by many measure each other otherwise.</summary>
    public static TimeSpan Deadline { get; } = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan LookPeriod = TimeSpan.FromMilliseconds(5);

    /// <summary>Returns as soon as the condition holds; fails the test when it does not by the deadline (default <see cref="Deadline"/>).</summary>
    /// <param name="because">What was expected, for the failure; by default the condition's own text.</param>
    public static Task True(
        Func<bool> condition,
        TimeSpan? deadline = null,
        string? because = null,
        [CallerArgumentExpression(nameof(condition))] string text = "") =>
        True(() => Task.FromResult(condition()), deadline, because, text);

    public static async Task True(
        Func<Task<bool>> condition,
        TimeSpan? deadline = null,
        string? because = null,
        [CallerArgumentExpression(nameof(condition))] string text = "")
    {
        var watch = Stopwatch.StartNew();
        while (!await condition())
        {
            if (watch.Elapsed > (deadline ?? Deadline))
            {
                throw new XunitException($"Not within {(deadline ?? Deadline).TotalSeconds} s: {because ?? text}");
            }

            await Task.Delay(LookPeriod);
        }
    }
}
