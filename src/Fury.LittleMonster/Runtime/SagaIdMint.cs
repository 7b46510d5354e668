namespace Fury.LittleMonster;

/// <summary>Mints ids that sort by time and meet on no two hosts: time, then ten bits of the host's epoch, then a counter.</summary>
internal sealed class SagaIdMint(TimeProvider clock, int node)
{
    private static readonly DateTimeOffset Begin = new(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private long _node = node & 1023;
    private long _last;

    public void Joined(long epoch) => Interlocked.Exchange(ref _node, epoch & 1023);

    /// <summary>No id that was minted at this time, or later, is lower.</summary>
    public static SagaId FirstOf(DateTimeOffset time) => new(Math.Clamp((long)(time - Begin).TotalMilliseconds, 0, (1L << 41) - 1) << 22);

    public SagaId Next()
    {
        while (true)
        {
            var last = Interlocked.Read(ref _last);
            var now = (long)(clock.GetUtcNow() - Begin).TotalMilliseconds << 12;
            var next = Math.Max(now, last + 1);
            if (Interlocked.CompareExchange(ref _last, next, last) == last)
            {
                return new SagaId(((next >> 12) << 22) | (Interlocked.Read(ref _node) << 12) | (next & 4095));
            }
        }
    }
}
