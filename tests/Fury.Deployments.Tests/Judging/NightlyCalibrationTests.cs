using System.Diagnostics.Metrics;
using Dapper;
using Fury.Deployments.Contracts;
using Fury.Deployments.Deployments;
using Fury.Deployments.Judging;
using Fury.Deployments.Planning;
using Fury.Hosting;
using Fury.Kernel;
using Fury.LittleMonster.Testing;
using Microsoft.Extensions.Logging;

namespace Fury.Deployments.Tests.Judging;

/// <summary>Stable pools are judged against themselves at night. The nights, and so the seeds, are fixed.</summary>
public sealed class NightlyCalibrationTests(House house) : IClassFixture<House>, ILogger<NightlyCalibration>
{
    private static readonly DateTimeOffset Night = new(2026, 3, 2, 1, 0, 0, TimeSpan.Zero);

    private static readonly SimulatedTraffic Stable = new() { Weight = 0, Candidates = 1, Currents = 16, ErrorShare = 0.002 };

    private readonly TestClock _clock = new(Night);
    private readonly List<string> _warnings = [];

    [Fact]
    public async Task Each_deployment_that_ended_well_is_split_once_and_a_judge_that_fails_too_many_is_told_of()
    {
        for (var seed = 1; seed <= 9; seed++)
        {
            await Ended("done", Night.AddHours(-2), Stable.Ticks(seed, 60).Select(tick => seed <= 3 ? tick : TwoBad(tick)));
        }

        await Ended("done", Night.AddHours(-2), (Stable with { TellsReplicas = false }).Ticks(7, 60));
        await Ended("done", Night.AddHours(-2), Stable.Ticks(8, 20));
        await Ended("done", Night.AddMinutes(1), Stable.Ticks(9, 60));
        await Ended("rolled-back", Night.AddHours(-2), Stable.Ticks(10, 60));
        var (reconciler, store) = (Reconciler(), house.Get<CalibrationStore>());

        await reconciler.Pass(1, default);
        var first = await store.Count(DateOnly.MinValue, default);
        await reconciler.Pass(1, default);
        var again = await store.Count(DateOnly.MinValue, default);
        await using var api = await Api.Start(house.Services);
        var answer = await api.Get("judge/calibration");
        Assert.True(answer.Text.Length > 0, $"{answer}");
        var told = answer.Read<CalibrationStatus>();

        Assert.Equal((9, 10), (first.Splits, await store.Done(DateOnly.FromDateTime(Night.UtcDateTime), default)));
        Assert.InRange(first.Failed, 2, 6);
        Assert.Equal(first, again);
        Assert.Equal(first.Sentence, Assert.Single(_warnings));
        Assert.Contains("less likely than one in 1,000", first.Sentence, StringComparison.Ordinal);
        var failed = await store.Failed(DateOnly.MinValue, 20, default);
        Assert.Equal(first.Failed, failed.Count);
        Assert.All(failed, one => Assert.Contains("errors", one.Sentence, StringComparison.Ordinal));
        // Long after, by the clock of the API.
        Assert.Equal((0, 0, null, false, 30), (told.Splits, told.Failed, told.Rate, told.IsAlarming, told.Nights));
        Assert.Equal((9.0, (double)first.Failed, 1.0),
            (Gauge("fury_judge_calibration_splits"), Gauge("fury_judge_calibration_failed"), Gauge("fury_judge_false_alarm_alert")));
        Assert.Equal(first.Failed / 9.0, Gauge("fury_judge_false_alarm_rate")!.Value, 6);

        // The one that ended in the night has its turn in the next, and in time all are forgotten.
        _clock.Advance(TimeSpan.FromDays(1));
        await reconciler.Pass(1, default);
        Assert.Equal(10, (await store.Count(DateOnly.MinValue, default)).Splits);
        _clock.Advance(TimeSpan.FromDays(401));
        await reconciler.Pass(1, default);
        Assert.Equal(0, (await store.Count(DateOnly.MinValue, default)).Splits);
    }

    [Theory]
    [InlineData(0, 0, 1, false)]
    [InlineData(3000, 3, 0.5769, false)]
    [InlineData(3000, 9, 0.0038, false)]
    [InlineData(3000, 10, 0.0011, false)]
    [InlineData(3000, 11, 0.0003, true)]
    [InlineData(1, 1, 0.001, false)]
    [InlineData(50, 2, 0.0012, false)]
    [InlineData(40, 2, 0.0008, true)]
    public void A_rate_is_alarming_when_it_is_no_chance(int splits, int failed, double likelihood, bool alarming)
    {
        var counted = new FalseAlarms(splits, failed);

        Assert.Equal(likelihood, counted.Likelihood, 4);
        Assert.Equal(alarming, counted.IsAlarming);
    }

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    bool ILogger.IsEnabled(LogLevel logLevel) => true;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _warnings.Add(formatter(state, exception));

    private NightlyCalibration Reconciler() => new(house.Get<EvidenceStore>(), house.Get<CalibrationStore>(), _clock, this);

    /// <summary>Two of its replicas fail more than half of their requests: where both are in the half that stands for the candidate, it is condemned.</summary>
    private static Tick TwoBad(Tick tick)
    {
        var arm = tick.Lanes[0].Current!;
        IReadOnlyList<ReplicaCounts> replicas =
            [.. arm.Replicas!.Select((replica, index) => index > 1 ? replica : replica with { Errors = replica.Requests * 3 / 5 })];
        return tick with { Lanes = [tick.Lanes[0] with { Current = arm with { Replicas = replicas } }] };
    }

    private async Task Ended(string phase, DateTimeOffset at, IEnumerable<Tick> ticks)
    {
        var scope = house.NewScope();
        var (release, version) = (FakeCatalog.IdOf(scope, "1.0.0"), VersionName.Parse("1.0.0"));
        var wish = new Wish(scope, Strategy.AllIn, Policies.DefaultOf(Strategy.AllIn), release, version, WhenBusy.Refuse, null, "");
        var id = (await house.Store.Admit(wish, default)).Value.Record.Id;
        await using var connection = await house.Get<IDatabase>().Source.OpenConnectionAsync();
        await connection.ExecuteAsync(
            "update deployments.deployment set phase = @phase, ended_at = @at where id = @id", new { id = id.Value, phase, at = at.UtcDateTime });
        List<WrittenTick> written = [.. ticks.Select((tick, index) => new WrittenTick(id, index + 1, tick.At, tick.ToJson()))];
        var evidence = house.Get<EvidenceStore>();
        await evidence.Append(written, default);
        await evidence.Save([new(id, scope, written.Count, at, "{}", Judgement.Begin().ToJson())], default);
    }

    private static double? Gauge(string name)
    {
        double? seen = null;
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, own) =>
        {
            if (instrument.Name == name)
            {
                own.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<double>((_, value, _, _) => seen = value);
        listener.Start();
        listener.RecordObservableInstruments();
        return seen;
    }
}
