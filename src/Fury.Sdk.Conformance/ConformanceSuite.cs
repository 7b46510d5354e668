using Fury.Sdk.Conformance.Contract;
using Fury.Sdk.Conformance.Faults;
using Fury.Sdk.Conformance.Models;
using Fury.Sdk.Conformance.Races;

namespace Fury.Sdk.Conformance;

/// <summary>All promises. Run each by whatever framework there is: <c>(await ConformanceSuite.RunAsync(target, test)).Verdict</c>.</summary>
public static class ConformanceSuite
{
    /// <summary>A test that has not ended by then has failed.</summary>
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    /// <summary>In a stable order, by unique names.</summary>
    public static IReadOnlyList<ConformanceTest> Tests { get; } =
    [
        .. KeyValueContract.Tests,
        .. KeyValueBatchContract.Tests,
        .. ObjectContract.Tests,
        .. ObjectWriterContract.Tests,
        .. QueueContract.Tests,
        .. QueueOrderContract.Tests,
        .. TopicContract.Tests,
        .. StreamContract.Tests,
        .. CacheContract.Tests,
        .. SecretContract.Tests,
        .. ConfigurationContract.Tests,
        .. LockContract.Tests,
        .. SequenceContract.Tests,
        .. AbsenceContract.Tests,
        .. RaceTests.Tests,
        .. HistoryTests.Tests,
        .. KeyValueFaults.Tests,
        .. OtherFaults.Tests,
        .. SwitchTests.Tests,
        .. KeyValueModel.Tests,
        .. QueueModel.Tests,
    ];

    public static async Task<ConformanceResult> RunAsync(ConformanceTarget target, ConformanceTest test)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(test);
        await using var run = new ConformanceRun(target, test);
        try
        {
            if (await run.Missing() is { Count: > 0 } missing)
            {
                return new ConformanceResult(test, ConformanceVerdict.NotApplicable, $"without {string.Join(", ", missing)}");
            }

            // On a thread of its own, so that a driver that never comes back fails a test and not the run.
            await target.DriveAsync(Task.Run(() => test.Body(run))).WaitAsync(Deadline);
            return new ConformanceResult(test, ConformanceVerdict.Passed, "");
        }
        catch (Exception failure)
        {
            return new ConformanceResult(test, ConformanceVerdict.Failed, $"{failure.GetType().Name}: {failure.Message}\n{failure.StackTrace}");
        }
    }

    /// <summary>The short run on a bound resource that shows what it can really do: those of its declared capabilities whose tests pass.</summary>
    public static async Task<CapabilitySet> AttestAsync(ConformanceTarget target, ServiceKind kind)
    {
        ArgumentNullException.ThrowIfNull(target);
        await using var run = new ConformanceRun(target, Tests.First(test => test.Kind == kind));
        var declared = await run.Declared();
        HashSet<Capability> lies = [];
        foreach (var test in Tests.Where(test => test.Kind == kind && test.IsProbe))
        {
            if ((await RunAsync(target, test)).Verdict == ConformanceVerdict.Failed)
            {
                lies.UnionWith(test.Requires);
            }
        }

        var kept = declared.Without([.. lies]);
        return new CapabilitySet(kept.Levels, kept.Limits, target.Clock.GetUtcNow());
    }
}
