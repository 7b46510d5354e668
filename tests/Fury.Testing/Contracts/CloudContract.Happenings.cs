using Fury.Kernel;
using Fury.Providers.Contracts;
using Xunit;

namespace Fury.Testing;

/// <summary>What a cloud keeps while things happen to it.</summary>
public abstract partial class CloudContract
{
    [Fact]
    public async Task A_quota_that_is_used_up_is_told_as_that()
    {
        if (Faults is { } faults)
        {
            faults.QuotaLeft = 0;
            await Exhausted(GoodRequest(Token()), Limits.Quota);
            Assert.Equal(0, faults.Made);
        }
    }

    [Fact]
    public async Task A_zone_without_room_is_told_as_that_and_others_have_room()
    {
        if (Faults is { } faults)
        {
            var zones = (await Types())[0].Zones;
            faults.Room(zones[0], 0);

            await Exhausted(GoodRequest(Token()) with { Zone = zones[0] }, Limits.Capacity);
            await Exhausted(GoodRequest(Token()) with { Zone = zones[0], Market = Market.Spot }, Limits.Capacity);

            Assert.Equal(0, faults.Made);
            Assert.Equal(zones[^1], (await Made(GoodRequest(Token()) with { Zone = zones[^1] })).Zone);
        }
    }

    [Fact]
    public async Task Room_for_some_gives_some_and_asked_again_the_same()
    {
        if (Faults is { } faults)
        {
            var zone = (await Types())[0].Zones[0];
            faults.Room(zone, 2);
            var request = GoodRequest(Token()) with { Zone = zone, Count = 5 };

            var made = await MadeAll(request);
            var again = await MadeAll(request);

            Assert.Empty(made.Select(seen => seen.Id).Except(again.Select(seen => seen.Id)));
            if (RefusesLater)
            {
                await Eventually.True(async () =>
                    (await Provider.Describe([.. made.Select(seen => seen.Id)], default)).Value.Count(seen => seen.Failure is not null) == made.Count - 2);
                Assert.Equal(2, faults.Made);
            }
            else
            {
                Assert.InRange(made.Count, 1, 2);
                Assert.InRange(faults.Made, made.Count, 2);
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(20)]
    public async Task A_creation_whose_answer_was_lost_is_made_once(int lost)
    {
        if (Faults is { } faults)
        {
            var request = GoodRequest(Token()) with { Count = 3 };
            await Types();
            faults.LoseAnswers(lost);

            var first = await Provider.Create(request, default);
            faults.LoseAnswers(0);
            var again = await MadeAll(request);

            Assert.True(first.IsOk || first.Fault.Kind == FaultKind.Unavailable, first.Fault?.ToString());
            Assert.True(first.IsOk || lost > 1);
            Assert.Equal(3, again.Count);
            Assert.Equal(3, faults.Made);
        }
    }

    [Fact]
    public async Task Calls_that_are_too_often_end_well_and_more_of_them_are_told_as_that()
    {
        if (Faults is { } faults)
        {
            await Types();
            faults.ThrottleShare = 0.3;
            var tag = Token();
            var made = new List<string>();
            for (var round = 0; round < 5; round++)
            {
                made.AddRange((await MadeAll(WithTag(GoodRequest(Token()), tag))).Select(seen => seen.Id));
            }

            Assert.Equal(made.Order(), (await Provider.ListByTag("test", tag, default)).Value.Select(seen => seen.Id).Order());
            faults.ThrottleShare = 1;
            Assert.Equal(FaultKind.Throttled, (await Provider.ListByTag("test", tag, default)).Fault?.Kind);
        }
    }

    [Fact]
    public async Task Creations_beyond_the_clouds_own_limit_are_told_as_too_many_until_it_takes_more()
    {
        if (Faults is { } faults)
        {
            await Types();
            var (first, second) = (GoodRequest(Token()), GoodRequest(Token()));
            faults.Traffic = new(new Dictionary<string, CloudLimit> { [faults.CreationBucket] = new(1, 0) }, TimeProvider.System);

            var made = await Provider.Create(first, default);
            var refused = await Provider.Create(second, default);

            Assert.True(made.IsOk, made.Fault?.ToString());
            Assert.Equal(FaultKind.Throttled, refused.Fault?.Kind);
            Assert.InRange(faults.Traffic.Refused, 2, 10);
            Assert.Equal(1, faults.Made);
            faults.Traffic = null;
            Assert.Single(await MadeAll(second));
            Assert.Equal(2, faults.Made);
        }
    }

    [Fact]
    public async Task What_has_just_been_made_may_be_unseen_for_a_while_and_that_is_no_fault()
    {
        if (Faults is { } faults)
        {
            faults.VisibleAfter = TimeSpan.FromMilliseconds(700);
            var made = await Created(Token());

            var described = await Provider.Describe([made.Id], default);
            var ended = await Provider.Terminate(made.Id, TimeSpan.Zero, default);

            Assert.True(described.IsOk, described.Fault?.ToString());
            Assert.True(ended.IsOk || ended.Fault.Kind == FaultKind.NotFound, ended.Fault?.ToString());
            Assert.True(Provider.Settling > faults.VisibleAfter);
            await Eventually.True(async () => await Seen(made.Id) is not null);
            await Eventually.True(async () => (await Provider.Terminate(made.Id, TimeSpan.Zero, default)).IsOk);
            await Eventually.True(async () => await Seen(made.Id) is null or { State: ProviderInstanceState.Stopped });
        }
    }

    [Fact]
    public async Task Lists_of_many_pages_are_whole()
    {
        if (Faults is { } faults)
        {
            faults.PageMax = 2;
            var tag = Token();

            var made = await MadeAll(WithTag(GoodRequest(Token()), tag) with { Count = 7 });
            await Created(Token());

            Assert.True((await Types()).Count > faults.PageMax);
            var ids = made.Select(seen => seen.Id).Order().ToList();
            Assert.Equal(ids, (await Provider.ListByTag("test", tag, default)).Value.Select(seen => seen.Id).Order());
            Assert.Equal(ids, (await Provider.Describe(ids, default)).Value.Select(seen => seen.Id).Order());
        }
    }

    [Fact]
    public async Task One_that_dies_by_itself_has_failed_and_says_why()
    {
        if (Faults is { } faults)
        {
            var made = await Created(Token());
            await Eventually.True(async () => await Seen(made.Id) is { State: ProviderInstanceState.Running });

            faults.Kill(made.Id);

            await Eventually.True(async () => await Seen(made.Id) is { State: ProviderInstanceState.Stopped });
            var seen = await Seen(made.Id);
            Assert.NotNull(seen!.Failure);
            Assert.False(string.IsNullOrWhiteSpace(seen.Reason));
        }
    }

    [Fact]
    public async Task A_spot_instance_that_was_taken_back_failed_for_want_of_capacity()
    {
        if (Faults is { } faults)
        {
            var made = await Made(GoodRequest(Token()) with { Market = Market.Spot });
            await Eventually.True(async () => await Seen(made.Id) is { State: ProviderInstanceState.Running });

            faults.TakeBack(made.Id);

            await Eventually.True(async () => await Seen(made.Id) is { State: ProviderInstanceState.Stopped });
            var failure = (await Seen(made.Id))!.Failure;
            Assert.Equal((FaultKind.Exhausted, Limits.Capacity), (failure?.Kind, failure?.Facts.GetValueOrDefault(Limits.Fact)));
        }
    }

    [Fact]
    public async Task Credentials_that_end_on_the_way_are_renewed()
    {
        if (Faults is { } faults)
        {
            var made = await Created(Token());

            faults.ExpireCredentials();
            var seen = await Provider.Describe([made.Id], default);
            faults.ExpireCredentials();
            await Created(Token());

            Assert.True(seen.IsOk, seen.Fault?.ToString());
        }
    }

    [Fact]
    public async Task Credentials_that_are_not_taken_any_more_are_told_as_that()
    {
        if (Faults is { } faults)
        {
            var made = await Created(Token());

            faults.RevokeCredentials();

            Assert.Equal(FaultKind.Unauthenticated, (await Provider.Describe([made.Id], default)).Fault?.Kind);
            Assert.Equal(FaultKind.Unauthenticated, (await Provider.Create(GoodRequest(Token()), default)).Fault?.Kind);
            Assert.Equal(1, faults.Made);
        }
    }

    [Fact]
    public async Task A_cloud_that_does_not_answer_is_unavailable_until_it_does()
    {
        if (Faults is { } faults)
        {
            var made = await Created(Token());

            faults.IsDown = true;
            Assert.Equal(FaultKind.Unavailable, (await Provider.Describe([made.Id], default)).Fault?.Kind);
            faults.IsDown = false;
            faults.IsBroken = true;
            Assert.Equal(FaultKind.Unavailable, (await Provider.Create(GoodRequest(Token()), default)).Fault?.Kind);
            faults.IsBroken = false;

            Assert.True((await Provider.Describe([made.Id], default)).IsOk);
            Assert.Equal(1, faults.Made);
        }
    }

    private async Task Exhausted(InstanceRequest request, string limit)
    {
        var asked = await Provider.Create(request, default);
        if (RefusesLater && asked.IsOk)
        {
            await Eventually.True(async () => await Seen(asked.Value[0].Id) is { State: ProviderInstanceState.Stopped });
        }

        var fault = asked.IsOk ? (await Seen(asked.Value[0].Id))?.Failure : asked.Fault;

        Assert.Equal((FaultKind.Exhausted, limit), (fault?.Kind, fault?.Facts.GetValueOrDefault(Limits.Fact)));
    }
}
