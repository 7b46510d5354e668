using System.Collections.Concurrent;
using Fury.Hosting;
using Fury.Kernel;

namespace Fury.Catalog.Bindings;

/// <summary>
/// Those who wait on this host for a change of their scope's bindings. A scope that is waited for is known with its revision, so that instances that only ask
/// again cost no query. Safe for threads.
/// </summary>
internal sealed class BindingNews(TimeProvider clock)
{
    public const string ReconcilerName = "catalog.bindings";

    /// <summary>Who comes when so many wait is answered at once.</summary>
    public const int WaitingMax = 50_000;

    private readonly ConcurrentDictionary<ScopeRef, Topic> _topics = new();
    private int _waiting;

    /// <summary>Scopes that somebody waits for.</summary>
    public IReadOnlyCollection<ScopeRef> Scopes => [.. _topics.Keys];

    /// <summary>True when the scope has another revision than this one, or may have; false when it had none in this time.</summary>
    /// <param name="current">Asks for the present one: of a scope that nobody has waited for, any change may have been missed.</param>
    public async Task<bool> Wait(ScopeRef scope, long revision, TimeSpan atMost, Func<Task<long>> current, CancellationToken cancellation)
    {
        try
        {
            if (Interlocked.Increment(ref _waiting) > WaitingMax)
            {
                return true;
            }

            var topic = Enter(scope, revision);
            try
            {
                if (topic.IsNew())
                {
                    topic.Tell(await current());
                }

                await topic.Changed(revision).WaitAsync(atMost, clock, cancellation);
                return true;
            }
            catch (TimeoutException)
            {
                return false;
            }
            finally
            {
                Leave(scope, topic);
            }
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    /// <summary>What is known now; scopes that nobody waits for are left out.</summary>
    public void Tell(IReadOnlyDictionary<ScopeRef, long> revisions)
    {
        foreach (var (scope, revision) in revisions)
        {
            if (_topics.TryGetValue(scope, out var topic))
            {
                topic.Tell(revision);
            }
        }
    }

    private Topic Enter(ScopeRef scope, long revision)
    {
        while (true)
        {
            var topic = _topics.GetOrAdd(scope, _ => new(revision));
            if (topic.Enter())
            {
                return topic;
            }
        }
    }

    private void Leave(ScopeRef scope, Topic topic)
    {
        if (topic.Leave())
        {
            _topics.TryRemove(new(scope, topic));
        }
    }

    private sealed class Topic(long revision)
    {
        private readonly Lock _gate = new();
        private TaskCompletionSource _changed = New();
        private long _revision = revision;
        private int _waiting;
        private bool _closed;
        private int _asked;

        /// <summary>True for the first who asks.</summary>
        public bool IsNew() => Interlocked.Exchange(ref _asked, 1) == 0;

        /// <summary>False when the last one has just left: there is another topic then.</summary>
        public bool Enter()
        {
            lock (_gate)
            {
                _waiting += _closed ? 0 : 1;
                return !_closed;
            }
        }

        /// <summary>True when it was the last.</summary>
        public bool Leave()
        {
            lock (_gate)
            {
                return _closed = --_waiting == 0;
            }
        }

        public Task Changed(long seen)
        {
            lock (_gate)
            {
                return _revision > seen ? Task.CompletedTask : _changed.Task;
            }
        }

        public void Tell(long revision)
        {
            lock (_gate)
            {
                if (revision > _revision)
                {
                    _revision = revision;
                    _changed.SetResult();
                    _changed = New();
                }
            }
        }

        private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

/// <summary>On every host: tells those who wait here, and what is kept here, what has changed, whoever changed it.</summary>
internal sealed class BindingNewsReconciler(BindingNews news, KnownBindings known, BindingStore bindings, TimeProvider clock) : IReconciler
{
    private const int AskedAtOnceMax = 5000;

    public string Name => BindingNews.ReconcilerName;

    /// <summary>The net under a lost wake.</summary>
    public TimeSpan Period { get; } = TimeSpan.FromSeconds(10);

    public bool OncePerPlatform => false;

    public async Task Pass(long fence, CancellationToken cancellation)
    {
        foreach (var some in news.Scopes.Union(known.Scopes).Chunk(AskedAtOnceMax))
        {
            var asked = clock.GetTimestamp();
            var revisions = await bindings.Revisions(some, cancellation);
            known.Tell(some, revisions, asked);
            news.Tell(revisions);
        }
    }
}
