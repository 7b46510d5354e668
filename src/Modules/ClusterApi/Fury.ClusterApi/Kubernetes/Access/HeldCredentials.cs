using Fury.Kernel;

namespace Fury.ClusterApi.Kubernetes.Access;

/// <summary>Asks somebody for the credential, one asker at a time, and keeps it until shortly before its end.</summary>
internal abstract class HeldCredentials(TimeProvider clock) : IKubeCredentials, IDisposable
{
    /// <summary>Who fails is not asked again for each of a thousand waiting requests.</summary>
    private static readonly TimeSpan FailedPause = TimeSpan.FromSeconds(2);

    /// <summary>A credential is renewed so long before it ends, or a tenth of its time, whichever is shorter.</summary>
    private static readonly TimeSpan RenewBeforeMax = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim _one = new(1);
    private Held? _held;

    protected TimeProvider Clock => clock;

    public async ValueTask<Outcome<Credential>> Get(CancellationToken cancellation)
    {
        if (Volatile.Read(ref _held) is { } held && clock.GetUtcNow() < held.Until)
        {
            return held.Answer;
        }

        await _one.WaitAsync(cancellation);
        try
        {
            if (_held is { } other && clock.GetUtcNow() < other.Until)
            {
                return other.Answer;
            }

            var answer = await Ask(cancellation);
            var now = clock.GetUtcNow();
            Volatile.Write(ref _held, new(answer, answer.IsOk ? RenewAt(answer.Value, now) : now + FailedPause));
            return answer;
        }
        finally
        {
            _one.Release();
        }
    }

    public bool Refused(Credential credential)
    {
        var held = Volatile.Read(ref _held);
        if (held?.Answer is { IsOk: true } answer && ReferenceEquals(answer.Value, credential))
        {
            Interlocked.CompareExchange(ref _held, null, held);
        }

        return true;
    }

    public void Dispose() => _one.Dispose();

    protected abstract Task<Outcome<Credential>> Ask(CancellationToken cancellation);

    /// <summary>Of a credential without an end: not before the server refuses it.</summary>
    private static DateTimeOffset RenewAt(Credential credential, DateTimeOffset at)
    {
        if (credential.ExpiresAt is not { } end)
        {
            return DateTimeOffset.MaxValue;
        }

        var tenth = (end - at) / 10;
        return end - (tenth < RenewBeforeMax ? tenth : RenewBeforeMax);
    }

    private sealed record Held(Outcome<Credential> Answer, DateTimeOffset Until);
}
