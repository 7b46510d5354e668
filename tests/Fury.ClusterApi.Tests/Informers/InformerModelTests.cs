using System.Net;
using System.Runtime.CompilerServices;
using Fury.ClusterApi.Kubernetes.Informers;
using Fury.ClusterApi.Kubernetes.Wire;
using Fury.Kernel;

namespace Fury.ClusterApi.Tests.Informers;

/// <summary>
/// An informer against a server that loses its history, cuts watches, refuses and pages its lists, by seed. Whatever happens, who listens ends
/// up with exactly what the server has, has heard of no object twice in the same form, and of each end once.
/// </summary>
public sealed class InformerModelTests
{
    private static readonly ObjectTraits<Thing> Traits = new(thing => thing.Name, thing => thing.Uid, (one, other) => one == other);

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task The_listener_ends_up_with_what_the_server_has(int seed)
    {
        var server = new Server(seed);
        var listener = new Listener($"seed {seed}");
        using var ends = new CancellationTokenSource();
        var chance = new Random(seed);
        var running = new Informer<Thing>(server, new InformerState<Thing>(Traits), listener, new InstantClock(), chance.NextDouble).Run(ends.Token);

        await QuietOrWrong(server, running);
        await ends.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);

        Assert.True(server.Objects.Values.OrderBy(thing => thing.Name).SequenceEqual(listener.View.Values.OrderBy(thing => thing.Name)), $"seed {seed}");
        Assert.True(listener.IsWhole, $"seed {seed}: never whole at the end");
        Assert.Equal(listener.SeenUids.Except(listener.View.Values.Select(thing => thing.Uid)).Order(), listener.GoneUids.Order());
    }

    [Fact]
    public async Task A_fault_is_told_and_so_is_its_end()
    {
        var server = new Server(seed: 3) { RefuseLists = 2 };
        var listener = new Listener("faults");
        using var ends = new CancellationTokenSource();
        var running = new Informer<Thing>(server, new InformerState<Thing>(Traits), listener, new InstantClock(), () => 0.5).Run(ends.Token);

        await QuietOrWrong(server, running);
        await ends.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);

        Assert.True(listener.Interruptions >= 2);
        Assert.True(listener.IsWhole);
    }

    /// <summary>A listener that was told something wrong ends the informer.</summary>
    private static async Task QuietOrWrong(Server server, Task running) =>
        await (await Task.WhenAny(server.Quiet.Task, running)).WaitAsync(TimeSpan.FromSeconds(20));

    public static TheoryData<int> Seeds() => [.. Enumerable.Range(1, 200)];

    private sealed record Thing(string Name, string Uid, int Value);

    /// <summary>The other side's model: what it should know, from what it was told.</summary>
    private sealed class Listener(string run) : IInformerListener<Thing>
    {
        public Dictionary<string, Thing> View { get; } = [];

        public HashSet<string> SeenUids { get; } = [];

        public HashSet<string> GoneUids { get; } = [];

        public bool IsWhole { get; private set; }

        public int Interruptions { get; private set; }

        public ValueTask Hear(Told<Thing> news, CancellationToken cancellation)
        {
            var (thing, isGone) = (news.Item, news.IsGone);
            var known = View.GetValueOrDefault(thing.Name);
            if (isGone)
            {
                Assert.True(known == thing, $"{run}: told that {thing} has gone, and knew {known}");
                Assert.True(GoneUids.Add(thing.Uid), $"{run}: {thing} went twice");
                View.Remove(thing.Name);
            }
            else
            {
                Assert.True(known != thing, $"{run}: told of {thing} again");
                Assert.True(known is null || known.Uid == thing.Uid, $"{run}: {thing} took the place of {known}, whose end was not told");
                Assert.False(GoneUids.Contains(thing.Uid), $"{run}: {thing} came back from the dead");
                SeenUids.Add(thing.Uid);
                View[thing.Name] = thing;
            }

            return ValueTask.CompletedTask;
        }

        public ValueTask Whole(CancellationToken cancellation)
        {
            IsWhole = true;
            return ValueTask.CompletedTask;
        }

        public ValueTask Interrupted(Fault why, CancellationToken cancellation)
        {
            IsWhole = false;
            Interruptions++;
            return ValueTask.CompletedTask;
        }
    }

    /// <summary>Plays a server by a seed; after its steps it is quiet and well, and says so once its news has been read.</summary>
    private sealed class Server(int seed) : IObjectSource<Thing>
    {
        private const int Steps = 300;
        private const int PageMax = 3;

        private readonly Random _chance = new(seed);
        private readonly List<(int Version, bool IsEnd, Thing Item)> _history = [];
        private int _version = 1;
        private int _floor;
        private int _steps;
        private int _uids;

        public Dictionary<string, Thing> Objects { get; } = [];

        public TaskCompletionSource Quiet { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int RefuseLists { get; set; }

        private bool IsQuiet => _steps >= Steps;

        public Task<Outcome<ObjectPage<Thing>>> List(string? next, CancellationToken cancellation)
        {
            if (RefuseLists-- > 0)
            {
                return Task.FromResult<Outcome<ObjectPage<Thing>>>(Fault.Unavailable("away"));
            }

            Happen();
            if (!IsQuiet && _chance.Next(10) == 0)
            {
                return Task.FromResult<Outcome<ObjectPage<Thing>>>(Refusal());
            }

            // A real server pages through one snapshot; a token of another one has expired.
            if (next is not null && next.Split('@')[1] != $"{_version}")
            {
                return Task.FromResult<Outcome<ObjectPage<Thing>>>(Gone());
            }

            var from = next is null ? 0 : int.Parse(next.Split('@')[0]);
            var all = Objects.Values.OrderBy(thing => thing.Name).ToList();
            var isLast = from + PageMax >= all.Count;
            return Task.FromResult<Outcome<ObjectPage<Thing>>>(new ObjectPage<Thing>(
                [.. all.Skip(from).Take(PageMax)], isLast ? null : $"{from + PageMax}@{_version}", $"{_version}"));
        }

        public async IAsyncEnumerable<ObjectChange<Thing>> Watch(string version, [EnumeratorCancellation] CancellationToken cancellation)
        {
            await Task.Yield();
            var at = int.Parse(version);
            if (at < _floor)
            {
                yield return new ObjectChange<Thing>.Refused(Gone());
                yield break;
            }

            if (!IsQuiet && _chance.Next(8) == 0)
            {
                yield return new ObjectChange<Thing>.Refused(Refusal());
                yield break;
            }

            yield return new ObjectChange<Thing>.Opened();
            while (true)
            {
                Happen();
                if (at < _floor)
                {
                    yield return new ObjectChange<Thing>.Refused(Gone());
                    yield break;
                }

                foreach (var (number, isEnd, item) in _history.Where(change => change.Version > at).ToList())
                {
                    at = number;
                    yield return isEnd ? new ObjectChange<Thing>.Deleted(item, $"{at}") : new ObjectChange<Thing>.Written(item, $"{at}");
                    if (!IsQuiet && _chance.Next(15) == 0)
                    {
                        throw new IOException("cut");
                    }
                }

                if (IsQuiet)
                {
                    Quiet.TrySetResult();
                    await Task.Delay(Timeout.InfiniteTimeSpan, cancellation);
                }

                switch (_chance.Next(12))
                {
                    case 0:
                        yield break;
                    case 1:
                        at = _version;
                        yield return new ObjectChange<Thing>.Bookmark($"{at}");
                        break;
                    case 2:
                        throw new IOException("cut");
                }
            }
        }

        private static Fault Gone() =>
            new Fault(FaultKind.Stale, "gone").With(KubeFaults.StatusFact, (int)HttpStatusCode.Gone).With(KubeFaults.ReasonFact, "Expired");

        private Fault Refusal() => _chance.Next(2) == 0 ? Fault.Unavailable("away") : new Fault(FaultKind.Throttled, "too much");

        /// <summary>A few changes, and now and then the loss of history: all of it, as when what was seen was compacted away.</summary>
        private void Happen()
        {
            for (var changes = _chance.Next(4); changes > 0 && !IsQuiet; changes--, _steps++)
            {
                var name = $"thing-{_chance.Next(8)}";
                _version++;
                var isThere = Objects.TryGetValue(name, out var known);
                if (isThere && _chance.Next(3) == 0)
                {
                    Objects.Remove(name);
                    _history.Add((_version, true, known!));
                }
                else
                {
                    Objects[name] = isThere ? known! with { Value = _chance.Next(3) } : new Thing(name, $"uid-{_uids++}", 0);
                    _history.Add((_version, false, Objects[name]));
                }

                if (_chance.Next(25) == 0)
                {
                    _floor = _version;
                    _history.Clear();
                }
            }
        }
    }

    /// <summary>Every wait is over at once.</summary>
    private sealed class InstantClock : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            System.CreateTimer(callback, state, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }
}
