using System.Collections.Immutable;
using Fury.Kernel;
using Fury.Mesh.Xds;
using Xunit.Abstractions;

namespace Fury.Mesh.Tests.Sessions;

/// <summary>Who is told of what, after any history of streams and dependencies, held against sets that are kept for each stream.</summary>
public sealed class AudienceTests(ITestOutputHelper output)
{
    private const int Seed = 20261126;
    private const int Histories = 300;
    private const int Steps = 60;

    private static readonly string[] Callers = ["", "production-a.shop", "production-b.shop"];
    private static readonly string[] Scopes = [.. Enumerable.Range(0, 6).Select(number => $"production-{number}.shop")];

    [Fact]
    public void Whoever_depends_on_a_scope_or_has_asked_for_it_is_told_of_it_once()
    {
        output.WriteLine($"seed {Seed}");
        for (var history = 0; history < Histories; history++)
        {
            new World(new Random(Seed + history)).Live(Steps);
        }
    }

    private sealed class World(Random random)
    {
        private readonly Audience _audience = new();
        private readonly Dictionary<XdsStream, HashSet<string>> _told = [];
        private readonly Dictionary<string, ImmutableHashSet<string>> _dependencies = Callers.ToDictionary(caller => caller, _ => None);

        private static ImmutableHashSet<string> None => ImmutableHashSet.Create<string>(StringComparer.Ordinal);

        public void Live(int steps)
        {
            for (var step = 0; step < steps; step++)
            {
                Step();
                Check();
            }

            foreach (var stream in _told.Keys.ToList())
            {
                _told.Remove(stream);
                _audience.Remove(stream);
                Check();
            }
        }

        private void Step()
        {
            var (caller, scope) = (Any(Callers), Any(Scopes));
            var stream = _told.Count > 0 ? Any([.. _told.Keys]) : null;
            switch (random.Next(5))
            {
                case 0:
                    stream = Open(caller);
                    _audience.Add(stream, _dependencies[caller]);
                    _told[stream] = [.. _dependencies[caller]];
                    break;
                case 1 when stream is not null:
                    _audience.Remove(stream);
                    _told.Remove(stream);
                    _audience.Ask(stream, scope); // A request that was being read as the stream ended.
                    break;
                case 2 when stream is not null:
                    _audience.Ask(stream, scope);
                    _told[stream].Add(scope);
                    break;
                case 3 when stream is not null:
                    _audience.LetGo(stream, scope);
                    _told[stream].ExceptWith(new[] { scope }.Except(_dependencies[stream.Proxy.Caller]));
                    break;
                case 4:
                    // What a caller depends on no more is told of until it is let go of.
                    _dependencies[caller] = [.. Scopes.Where(_ => random.Next(2) == 0)];
                    _audience.Depend(caller, _dependencies[caller]);
                    foreach (var each in _told.Where(each => each.Key.Proxy.Caller == caller))
                    {
                        each.Value.UnionWith(_dependencies[caller]);
                    }

                    break;
            }
        }

        private void Check()
        {
            Assert.Equal(_told.Keys.ToHashSet(), _audience.All.ToHashSet());
            foreach (var scope in Scopes)
            {
                var expected = _told.Where(each => each.Value.Contains(scope)).Select(each => each.Key).ToHashSet();
                var told = _audience.Of(scope).ToList();
                Assert.Equal(expected, told.ToHashSet());
                Assert.Equal(expected.Count, told.Count);
            }

            foreach (var (stream, told) in _told)
            {
                Assert.Equal(told.Order(), _audience.FollowedBy(stream).Order());
            }
        }

        private T Any<T>(T[] all) => all[random.Next(all.Length)];

        private static XdsStream Open(string caller)
        {
            var scope = caller.Length == 0 ? null : ScopeRef.Parse($"{caller.Split('.')[1]}/{caller.Split('.')[0]}");
            var view = new CallerView(() => MeshSnapshot.None, caller, Dialect.Fury, EnvoyListener.Default);
            var session = new DeltaSession(view, new(), TimeProvider.System);
            return new(new("proxy", scope, Dialect.Fury, "test"), view, session, default);
        }
    }
}
