using Cronos;
using Fury.Kernel;

namespace Fury.LittleMonster;

/// <summary>A saga that is started by the clock. Made by <see cref="SagaServices.AddSagaSchedule{TSaga,TInput}"/>.</summary>
public sealed class SagaSchedule
{
    /// <summary>The last occurrence that came while no host was there is made up for, if it is not longer ago than this.</summary>
    public static readonly TimeSpan CatchUp = TimeSpan.FromHours(1);

    private readonly CronExpression _cron;
    private readonly TimeZoneInfo _zone;
    private readonly Func<ILittleMonster, string, CancellationToken, Task<Outcome<SagaId>>> _start;

    /// <exception cref="InvalidOperationException">The name, the expression or the time zone is not one; the message says which, and what is.</exception>
    internal SagaSchedule(
        string name, string cron, string timeZone, Func<ILittleMonster, string, CancellationToken, Task<Outcome<SagaId>>> start)
    {
        if (name.Length is 0 or > 80)
        {
            throw new InvalidOperationException($"The name of schedule '{name}' has {name.Length} characters; it must have 1 to 80.");
        }

        (Name, Cron, _start) = (name, cron, start);
        _cron = CronExpression.TryParse(cron, out var expression)
            ? expression
            : throw new InvalidOperationException(
                $"Schedule '{name}' has the cron expression '{cron}'; it must have five fields: minute, hour, day of month, month, day of week.");
        _zone = TimeZoneInfo.TryFindSystemTimeZoneById(timeZone, out var zone)
            ? zone
            : throw new InvalidOperationException($"Schedule '{name}' has the time zone '{timeZone}'; it must be an IANA name such as 'Europe/Madrid'.");
    }

    public string Name { get; }

    public string Cron { get; }

    /// <summary>The first time it is due after <paramref name="moment"/>; null when it never is again.</summary>
    public DateTimeOffset? Next(DateTimeOffset moment) => _cron.GetNextOccurrence(moment, _zone);

    /// <summary>The last time it was due in that span, its end included; null when it was not.</summary>
    public DateTimeOffset? Last(DateTimeOffset after, DateTimeOffset until) =>
        _cron.GetOccurrences(after, until, _zone, fromInclusive: false, toInclusive: true).Select(at => (DateTimeOffset?)at).LastOrDefault();

    /// <summary>Starts the saga of one occurrence: once, whichever and however many hosts do it.</summary>
    internal Task<Outcome<SagaId>> Start(ILittleMonster sagas, DateTimeOffset occurrence, CancellationToken cancellation) =>
        _start(sagas, $"schedule/{Name}/{occurrence.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}", cancellation);
}
