namespace Fury.LittleMonster;

/// <summary>
/// Mints ids that sort by time and are minted once, whatever the clocks of hosts say: 41 bits of milliseconds, 18 of the process's number, 4 of a
/// counter. A process that mints more than 16 in a millisecond runs ahead of its clock for a while. Numbers come round after 262,144 processes, so two
/// that have the same never live at the same time.
/// </summary>
internal sealed class SagaIdMint(TimeProvider clock)
{
    private const int CounterBits = 4;
    private const int ProcessBits = 18;

    private static readonly DateTimeOffset Begin = new(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private long _last;

    /// <summary>No id that was minted at this time, or later, is lower.</summary>
    public static SagaId FirstOf(DateTimeOffset time) =>
        new(Math.Clamp((long)(time - Begin).TotalMilliseconds, 0, (1L << 41) - 1) << (ProcessBits + CounterBits));

    /// <param name="process">This process's own number; see <see cref="ISagaStore.Process"/>.</param>
    public SagaId Next(long process)
    {
        while (true)
        {
            var last = Interlocked.Read(ref _last);
            var now = (long)(clock.GetUtcNow() - Begin).TotalMilliseconds << CounterBits;
            var next = Math.Max(now, last + 1);
            if (Interlocked.CompareExchange(ref _last, next, last) == last)
            {
                var (milliseconds, counter) = (next >> CounterBits, next & ((1 << CounterBits) - 1));
                return new SagaId((((milliseconds << ProcessBits) | (process & ((1 << ProcessBits) - 1))) << CounterBits) | counter);
            }
        }
    }
}
