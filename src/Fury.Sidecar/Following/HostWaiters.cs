using Fury.Sidecar.Routing;

namespace Fury.Sidecar.Following;

/// <summary>Requests that wait for the control plane's word on their host. Safe for threads.</summary>
internal sealed class HostWaiters(TimeProvider clock)
{
    /// <summary>How long a request waits: a control plane that is busy, or that starts, answers within that; a 503 would cost the client more.</summary>
    public static readonly TimeSpan PatienceMax = TimeSpan.FromSeconds(5);

    /// <summary>How many requests wait at the same time; more are told to come back.</summary>
    public const int WaitersMax = 4000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Waiters> _byName = new(StringComparer.Ordinal);
    private int _waiting;

    /// <summary>A place among those who wait; null when too many do. Take it before the answer can come, and pass it to <see cref="Patiently"/>.</summary>
    public Waiters? Enter(string name)
    {
        lock (_gate)
        {
            if (_waiting >= WaitersMax)
            {
                return null;
            }

            if (!_byName.TryGetValue(name, out var waiters))
            {
                _byName[name] = waiters = new(name);
            }

            _waiting++;
            waiters.Count++;
            return waiters;
        }
    }

    public async ValueTask<HostAnswer> Patiently(Waiters waiters, CancellationToken cancellation)
    {
        try
        {
            return await waiters.Answer.Task.WaitAsync(PatienceMax, clock, cancellation);
        }
        catch (TimeoutException)
        {
            return HostAnswer.NoAnswer;
        }
        finally
        {
            lock (_gate)
            {
                _waiting--;
                if (--waiters.Count == 0 && _byName.GetValueOrDefault(waiters.Name) == waiters)
                {
                    _byName.Remove(waiters.Name);
                }
            }
        }
    }

    /// <summary>Tells those whose answer is here.</summary>
    public void Tell(Func<string, HostAnswer?> find)
    {
        lock (_gate)
        {
            foreach (var (name, waiters) in _byName)
            {
                if (find(name) is { } answer)
                {
                    _byName.Remove(name);
                    waiters.Answer.SetResult(answer);
                }
            }
        }
    }

    /// <summary>Those who wait for one name.</summary>
    internal sealed class Waiters(string name)
    {
        public string Name => name;

        public int Count { get; set; }

        public TaskCompletionSource<HostAnswer> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
