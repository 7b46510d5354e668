using Fury.Compute.Contracts;
using Fury.Deployments.Freezes;
using Fury.Deployments.Gates;
using Fury.Kernel;

namespace Fury.Deployments.Tests.Freezes;

/// <summary>A time as a person with a clock on the wall would keep it, minute by minute.</summary>
internal sealed record WallTime(TimeZoneInfo Zone, TimeSpan TimeOfDay, DayOfWeek[] Days, int Minutes)
{
    public Recurrence Recurrence => new($"{TimeOfDay.Minutes} {TimeOfDay.Hours} * * {string.Join(',', Days.Select(day => (int)day))}", Zone.Id, Minutes);

    /// <summary>For each minute of the time whether one is under way.</summary>
    public bool[] Walk(DateTimeOffset from, int minutes)
    {
        var under = new bool[minutes];
        var before = Wall(from - TimeSpan.FromMinutes(1));
        List<DateTime> ends = [];
        for (var minute = 0; minute < minutes; minute++)
        {
            var now = from + TimeSpan.FromMinutes(minute);
            var wall = Wall(now);
            ends.RemoveAll(end => wall >= end);
            if (Begins(now, before, wall))
            {
                var end = wall + TimeSpan.FromMinutes(Minutes);
                ends.Add(Zone.IsInvalidTime(end) ? end + Gap(end) : end);
            }

            under[minute] = ends.Count > 0;
            before = wall;
        }

        return under;
    }

    private bool Begins(DateTimeOffset now, DateTime before, DateTime wall)
    {
        // The clock is put forward past it; or it is there, and for the first time.
        var skipped = before.Date + TimeOfDay;
        var isSkipped = Zone.IsInvalidTime(skipped) && before < skipped && skipped < wall && Days.Contains(skipped.DayOfWeek);
        var isSecond = Zone.IsAmbiguousTime(wall) && Zone.GetUtcOffset(now) == Zone.GetAmbiguousTimeOffsets(wall).Min();
        return isSkipped || (wall.TimeOfDay == TimeOfDay && Days.Contains(wall.DayOfWeek) && !isSecond);
    }

    private TimeSpan Gap(DateTime skipped) => Zone.GetUtcOffset(skipped.AddDays(1)) - Zone.GetUtcOffset(skipped.AddDays(-1));

    private DateTime Wall(DateTimeOffset at) => TimeZoneInfo.ConvertTime(at, Zone).DateTime;
}

/// <summary>Freezes by chance, around a change of the clocks, and what they say minute by minute.</summary>
internal sealed class RandomFreezes
{
    private const int RunUpMinutes = 3 * 24 * 60;

    private static readonly (string Zone, string From)[] Changes =
    [
        ("Europe/Berlin", "2026-03-26T00:00:00Z"), ("Europe/Berlin", "2026-10-22T00:00:00Z"), ("America/New_York", "2026-03-05T00:00:00Z"),
        ("America/New_York", "2026-10-29T00:00:00Z"), ("Australia/Lord_Howe", "2026-04-02T00:00:00Z"), ("Australia/Lord_Howe", "2026-10-01T00:00:00Z"),
        ("America/Sao_Paulo", "2026-06-01T00:00:00Z"),
    ];

    private readonly List<(Freeze Freeze, bool[] Under)> _all = [];

    public RandomFreezes(int seed, int minutes)
    {
        var random = new Random(seed);
        var (zone, from) = Changes[random.Next(Changes.Length)];
        (Zone, From, Minutes) = (TimeZoneInfo.FindSystemTimeZoneById(zone), DateTimeOffset.Parse(from), minutes);
        Subject = new(
            ScopeRef.Parse("shop/production-web"), "shoppers", Criticality.High,
            [.. new[] { new Location("aws", "eu", "one"), new Location("gcp", "us", "two") }.Take(random.Next(3))]);
        for (var left = random.Next(1, 6); left > 0; left--)
        {
            _all.Add(Next(random, $"f{left}"));
        }

        Overrides =
        [
            .. from one in _all
               where random.Next(4) == 0
               select new Override(
                   Guid.Empty, one.Freeze.Id, Subject.Scope.Application,
                   random.Next(2) == 0 ? null : ScopeName.Parse(Pick(random, "production-web", "test-web")),
                   From.AddMinutes(random.Next(minutes)), "", "ann", From, random.Next(4) == 0 ? null : "bob", From),
        ];
    }

    public TimeZoneInfo Zone { get; }

    public DateTimeOffset From { get; }

    public int Minutes { get; }

    public Subject Subject { get; }

    public IReadOnlyList<Freeze> Freezes => [.. _all.Select(one => one.Freeze)];

    public IReadOnlyList<Override> Overrides { get; }

    /// <summary>By the words of the documentation, place by place.</summary>
    public bool IsFrozen(int minute)
    {
        var places = Subject.Locations.Count == 0 ? [null] : Subject.Locations.Cast<Location?>();
        return places.Any(place =>
        {
            var covering = _all.Where(one => one.Freeze.Covers.Providers is [] || one.Freeze.Covers.Providers[0] == place?.Provider).ToList();
            var denied = covering.Any(one => one.Freeze.Kind == FreezeKind.Deny && one.Under[minute] && !IsLifted(one.Freeze, minute));
            var allows = covering.Where(one => one.Freeze.Kind == FreezeKind.Allow).ToList();
            return denied || (allows.Count > 0 && !allows.Any(one => one.Under[minute] || IsLifted(one.Freeze, minute)));
        });
    }

    private bool IsLifted(Freeze freeze, int minute) => Overrides.Any(one =>
        one.Freeze == freeze.Id && one.ConfirmedBy is not null && From.AddMinutes(minute) < one.Until
        && (one.Scope is null || one.Scope.Value.Value == "production-web"));

    private (Freeze Freeze, bool[] Under) Next(Random random, string name)
    {
        var covers = new Selectors([], [], [], [], random.Next(3) == 0 ? [Pick(random, "aws", "gcp", "azure")] : [], []);
        var freeze = new Freeze(
            Guid.CreateVersion7(From.AddMilliseconds(_all.Count)), name, random.Next(3) == 0 ? FreezeKind.Allow : FreezeKind.Deny, covers, null, null, null,
            (InFlight)random.Next(3), "", "ann", From);
        if (random.Next(3) == 0)
        {
            var (begin, length) = (random.Next(-100, Minutes), random.Next(1, Minutes));
            var (from, to) = (random.Next(4) == 0 ? (int?)null : begin, random.Next(4) == 0 ? (int?)null : begin + length);
            return (
                freeze with { From = from is null ? null : From.AddMinutes(from.Value), To = to is null ? null : From.AddMinutes(to.Value) },
                [.. Enumerable.Range(0, Minutes).Select(minute => (from is null || minute >= from) && (to is null || minute < to))]);
        }

        var days = Enum.GetValues<DayOfWeek>().Where(_ => random.Next(2) == 0).DefaultIfEmpty(DayOfWeek.Sunday).ToArray();
        // Half of them begin or end in the hours in which clocks are changed.
        var time = TimeSpan.FromMinutes(random.Next(2) == 0 ? random.Next(24 * 60) : random.Next(60, 240));
        var wall = new WallTime(Zone, time, days, random.Next(2) == 0 ? random.Next(1, 120) : random.Next(1, RunUpMinutes - 120));
        return (freeze with { Recurs = wall.Recurrence }, wall.Walk(From - TimeSpan.FromMinutes(RunUpMinutes), RunUpMinutes + Minutes)[RunUpMinutes..]);
    }

    private static string Pick(Random random, params string[] words) => words[random.Next(words.Length)];
}
