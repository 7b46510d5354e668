using Fury.Mesh.Xds;
using Xunit.Abstractions;

namespace Fury.Mesh.Tests.Sessions;

/// <summary>Both protocols against a referee, by histories that chance writes. A failure names its seed and tells its end.</summary>
public sealed class HistoryTests(ITestOutputHelper output)
{
    private const int Histories = 3000;
    private const int SoakHistories = 200_000;
    private const int StepsMax = 120;
    private const int StoryLines = 60;

    [Fact]
    public void A_delta_client_ends_with_what_it_wants_and_is_never_told_what_it_must_not_be() => PlayDelta(Histories);

    [Fact]
    [Trait("Category", "Soak")]
    public void Over_many_histories_a_delta_client_ends_with_what_it_wants() => PlayDelta(SoakHistories);

    [Fact]
    public void A_client_of_whole_states_ends_with_what_it_wants_and_is_never_told_what_it_must_not_be() => PlayWhole(Histories);

    [Fact]
    [Trait("Category", "Soak")]
    public void Over_many_histories_a_client_of_whole_states_ends_with_what_it_wants() => PlayWhole(SoakHistories);

    private void PlayDelta(int histories) =>
        Play(histories, (world, random, dialect) => new DeltaClient(world, random, dialect), [Dialect.Fury, Dialect.Envoy]);

    private void PlayWhole(int histories)
    {
        var versions = new Dictionary<string, string>();
        Play(histories, (world, random, dialect) => new WholeClient(world, random, dialect, versions), [Dialect.Grpc, Dialect.Envoy]);
    }

    private void Play(int histories, Func<SessionWorld, Random, Dialect, SessionClient> client, Dialect[] dialects)
    {
        output.WriteLine($"seeds 1 to {histories}");
        for (var seed = 1; seed <= histories; seed++)
        {
            if (Run(seed, null) is not null)
            {
                List<string> story = [];
                var foul = Run(seed, story);
                Assert.Fail($"{string.Join("\n", story.TakeLast(StoryLines))}\nseed {seed}: {foul}");
            }
        }

        string? Run(int seed, List<string>? story)
        {
            var random = new Random(seed);
            var player = client(new(random), random, dialects[seed % dialects.Length]);
            player.Referee.Story = story;
            try
            {
                for (var steps = random.Next(StepsMax); steps > 0; steps--)
                {
                    player.Step();
                    StandingRules.Check(player, isAtRest: false);
                    if (random.Next(30) == 0)
                    {
                        Rest();
                    }
                }

                Rest();
                return null;
            }
            catch (FoulException foul)
            {
                return foul.Message;
            }

            void Rest()
            {
                player.Settle();
                player.Referee.Rest();
                StandingRules.Check(player, isAtRest: true);
            }
        }
    }
}
