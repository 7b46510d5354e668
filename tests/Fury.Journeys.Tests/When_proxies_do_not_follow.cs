using System.Collections.Concurrent;
using Fury.Deployments.Contracts;
using Fury.Mesh.Contracts;
using Fury.Testing;
using Xunit.Abstractions;

namespace Fury.Journeys.Tests;

/// <summary>
/// Blue-Green while some proxies apply late, never, or refuse. They send requests themselves, by the routes that they have, so whoever takes the old
/// pool from them too early is found out by a lost request; and the sidecar is under load beside them.
/// </summary>
public sealed class When_proxies_do_not_follow(StoryHost host, ITestOutputHelper output) : IClassFixture<StoryHost>
{
    private const string Words = "the weights look odd to me";
    private static readonly PolicyRequest Quick = Platform.Quick with { JudgeSeconds = 1, BakeSeconds = 0, ConvergeSeconds = 3, DrainSeconds = 10 };

    [Fact]
    public Task Scenario_01_late_ones_are_waited_for_one_and_all() => Late(20261126, TimeSpan.FromSeconds(3));

    [Fact]
    [Trait("Category", "Soak")]
    public Task Scenario_01_those_that_are_twenty_seconds_late_are_too() => Late(20261127, TimeSpan.FromSeconds(20));

    [Fact]
    public async Task Scenario_02_one_that_never_applies_turns_it_back_and_may_apply_what_it_was_sent_even_after_that()
    {
        await using var story = await Story.Begin(host, output, "stuck", 1);
        var stuck = story.Proxies[0];
        var release = new TaskCompletionSource();
        stuck.OnRoutes = async _ =>
        {
            await release.Task;
            if (stuck.Applied.Count > 1)
            {
                // By then it goes by what it was sent long ago, and does so for a while.
                await Eventually.True(() => stuck.Answers.GetValueOrDefault("1.1.0") > 10);
            }

            return null;
        };

        var ended = await story.Platform.DeployAndWait("1.1.0", "blue-green", Quick with { ConvergeSeconds = 6 });

        Assert.Equal(DeploymentPhase.RolledBack, ended.Phase);
        var events = await story.Platform.Events(ended.Id);
        Assert.Contains(events, one => one.Phase == DeploymentPhase.Converging && Names(one, "stuck-0 (waiting since"));
        Assert.Contains(events, one => one.Phase == DeploymentPhase.RestoringCapacity && Names(one, "stuck-0 (waiting since"));
        Assert.True(story.OldIsUntouched);

        // What was sent to it is still to come: the candidate's pool is kept for it, and goes when it has come by.
        Assert.Contains("is kept until these proxies", ended.Reason, StringComparison.Ordinal);
        release.SetResult();
        await Eventually.True(() => stuck.Applied[^1].Pools is [{ Weight: 100 } only] && only.Pool == ended.CurrentPool && stuck.Applied.Count > 2);
        await story.Platform.AssertSettled("1.0.0");
        await story.AssertNoneLost();
    }

    [Fact]
    public async Task Scenario_02_one_that_never_applies_is_left_behind_when_the_policy_goes_on()
    {
        await using var story = await Story.Begin(host, output, "stuck", 2);
        var (stuck, good) = (story.Proxies[0], story.Proxies[1]);
        stuck.OnRoutes = _ => new TaskCompletionSource<string?>().Task;

        var ended = await story.Platform.DeployAndWait("1.1.0", "blue-green", Quick with { WhenUnconverged = "go-on", DrainSeconds = 1 });

        Assert.True(ended.Phase == DeploymentPhase.Done, ended.Reason);
        var events = await story.Platform.Events(ended.Id);
        Assert.Contains(events, one => one.Phase == DeploymentPhase.Judging && Names(one, "stuck-0 (waiting since"));
        var told = events.First(one => one.Message.Contains("may still send to the pool of 1.0.0", StringComparison.Ordinal));
        var retiring = events.First(one => one.Phase == DeploymentPhase.Retiring);
        Assert.True(Names(told, "stuck-0 (waiting since") && Names(retiring, "stuck-0 (waiting since"), retiring.Message);
        Assert.True(retiring.At - told.At >= TimeSpan.FromSeconds(1), "It was not given the time to drain.");

        // Its own requests are lost from then on, which is what was asked for; and nobody else's are.
        await story.Platform.AssertSettled("1.1.0");
        Assert.All(stuck.Lost, lost => Assert.True(lost.EndedAt >= retiring.At, $"{lost}"));
        Assert.Empty(good.Lost);
        Assert.Empty(await story.LostBySidecar());
    }

    [Fact]
    public async Task One_that_is_gone_is_waited_for_until_somebody_forgets_it_when_the_policy_waits()
    {
        await using var story = await Story.Begin(host, output, "gone", 2);
        await story.Proxies[0].Leave();

        var policy = Quick with { WhenUnconverged = "wait", ConvergeSeconds = 1 };
        var deployment = await story.Platform.Deploy("1.1.0", "blue-green", policy);
        Deployment? now = null;
        await Platform.Until(TimeSpan.FromSeconds(60), () => $"It does not wait on: {now?.Reason}", async () =>
        {
            now = await story.Platform.Find(deployment.Id);
            return now.Reason?.Contains("It waits on, as its policy says", StringComparison.Ordinal) == true;
        });
        Assert.Equal((DeploymentPhase.Converging, true), (now!.Phase, story.OldIsUntouched));
        Assert.Contains("gone-0 (disconnected since", now.Reason, StringComparison.Ordinal);
        Assert.True(now.Deadline - now.CreatedAt > TimeSpan.FromDays(6), $"{now.Deadline}");

        Assert.Equal("Forgotten.\n", await story.Cli("mesh", "forget", "gone-0"));
        Assert.Equal(DeploymentPhase.Done, (await story.Platform.Ended(deployment.Id, TimeSpan.FromSeconds(60))).Phase);
        await story.Platform.AssertSettled("1.1.0");
        await story.AssertNoneLost();
    }

    [Fact]
    public async Task One_that_refuses_holds_it_in_its_own_words_and_turns_it_back()
    {
        await using var story = await Story.Begin(host, output, "picky", 1);
        var current = story.Current;
        story.Proxies[0].OnRoutes = pools => Task.FromResult(pools.Any(pool => pool.Weight > 0 && pool.Pool != current) ? Words : null);

        var deployment = await story.Platform.Deploy("1.1.0", "blue-green", Quick with { ConvergeSeconds = 8 });
        DeploymentEvent? held = null;
        await Platform.Until(TimeSpan.FromSeconds(60), () => "Nobody says why it is held.", async () =>
        {
            held = (await story.Platform.Events(deployment.Id)).FirstOrDefault(one => one.Phase == DeploymentPhase.Converging && Names(one, Words));
            return held is not null;
        });
        var now = await story.Platform.Find(deployment.Id);
        var status = await story.Cli("mesh", "status");
        var ended = await story.Platform.Ended(deployment.Id, TimeSpan.FromSeconds(60));

        Assert.Contains("picky-0 (rejected since", held!.Message, StringComparison.Ordinal);
        Assert.Matches($"production-web.hello +picky-0 +rejected .*{Words}", status);
        Assert.True(now.Phase == DeploymentPhase.Converging && now.Reason == held.Message, $"{now.Phase}: {now.Reason}");
        Assert.Equal(DeploymentPhase.RolledBack, ended.Phase);
        Assert.Contains(Words, ended.Reason, StringComparison.Ordinal);
        Assert.True(story.OldIsUntouched);
        await story.Platform.AssertSettled("1.0.0");
        await story.AssertNoneLost();
    }

    private async Task Late(int seed, TimeSpan latest)
    {
        await using var story = await Story.Begin(host, output, "late", 3);
        var moments = new ConcurrentQueue<(string Proxy, int Pools, bool OldIsUntouched)>();
        output.WriteLine($"seed {seed}, up to {latest.TotalSeconds} s late");
        foreach (var (number, proxy) in story.Proxies.Index())
        {
            var chance = new Random(seed + number);
            proxy.OnRoutes = async pools =>
            {
                var late = number == 0 ? latest : latest * chance.NextDouble();
                await Task.Delay(late);

                // It goes by the old routes to this very moment, so the old pool must be whole.
                moments.Enqueue((proxy.Name, pools.Count, story.OldIsUntouched));
                output.WriteLine($"  {proxy.Name} applies {pools.Count} pools {late.TotalSeconds:0.0} s late");
                return null;
            };
        }

        var policy = Quick with { ConvergeSeconds = (int)latest.TotalSeconds * 2 };
        var ended = await story.Platform.Ended((await story.Platform.Deploy("1.1.0", "blue-green", policy)).Id, TimeSpan.FromMinutes(3));

        Assert.True(ended.Phase == DeploymentPhase.Done, ended.Reason);
        await Eventually.True(() => story.Proxies.All(proxy => proxy.Applied[^1].Pools is [var only] && only.Pool == ended.CandidatePool), latest * 2);
        Assert.All(moments, moment => Assert.True(moment.OldIsUntouched, $"{moment}"));
        Assert.Equal(story.Proxies.Count * 2, moments.Count);
        var events = await story.Platform.Events(ended.Id);
        AssertOrder(DeploymentPhase.Judging, pools => pools.Count == 2);
        AssertOrder(DeploymentPhase.Retiring, pools => pools is [var only] && only.Pool == ended.CandidatePool);
        await story.Platform.AssertSettled("1.1.0");
        Assert.All(story.Proxies, proxy => Assert.True(proxy.Answers["1.0.0"] > 10 && proxy.Answers["1.1.0"] > 10));
        await story.AssertNoneLost();

        // The step was taken only after each of them had applied what it waits for.
        void AssertOrder(DeploymentPhase step, Func<IReadOnlyList<PoolWeight>, bool> routes)
        {
            var taken = events.First(one => one.Phase == step).At;
            Assert.All(story.Proxies, proxy => Assert.InRange(Assert.Single(proxy.Applied, one => routes(one.Pools)).At, ended.CreatedAt, taken));
        }
    }

    private static bool Names(DeploymentEvent one, string words) => one.Message.Contains(words, StringComparison.Ordinal);
}
