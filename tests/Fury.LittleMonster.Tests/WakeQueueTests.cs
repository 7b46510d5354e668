namespace Fury.LittleMonster.Tests;

public sealed class WakeQueueTests
{
    [Fact]
    public void Random_sets_and_removes_give_the_same_order_as_a_sorted_list()
    {
        const int seed = 20260301;
        var (random, queue, model) = (new Random(seed), new WakeQueue(), new Dictionary<LiveSaga, DateTimeOffset>());
        LiveSaga[] sagas = [.. Enumerable.Range(0, 200).Select(Live)];
        for (var operation = 0; operation < 20_000; operation++)
        {
            var live = sagas[random.Next(sagas.Length)];
            var what = random.Next(10);
            if (what < 6)
            {
                // Few different times, so that many are equal.
                var at = DateTimeOffset.UnixEpoch.AddSeconds(random.Next(50));
                queue.Set(live, at);
                model[live] = at;
            }
            else if (what < 8)
            {
                queue.Set(live, null);
                model.Remove(live);
            }
            else if (what < 9)
            {
                queue.Remove(live);
                model.Remove(live);
            }
            else if (queue.First is { } first)
            {
                queue.Remove(first);
                Assert.Equal(model.Values.Min(), first.WakeAt);
                model.Remove(first);
            }

            Assert.True(queue.Count == model.Count, $"seed {seed}, operation {operation}: {queue.Count} instead of {model.Count}");
            Assert.True(
                queue.First is not { } next ? model.Count == 0 : model[next] == next.WakeAt && next.WakeAt == model.Values.Min(),
                $"seed {seed}, operation {operation}: the first is not the earliest");
        }

        var left = new List<DateTimeOffset>();
        while (queue.First is { } next)
        {
            queue.Remove(next);
            left.Add(next.WakeAt);
        }

        Assert.Equal(model.Values.Order(), left);
        Assert.All(sagas, live => Assert.Equal(-1, live.WakeIndex));
    }

    private static LiveSaga Live(int id) => new(
        new SagaRecord
        {
            Id = new SagaId(id),
            Shard = 0,
            Key = "",
            Name = "",
            Version = 1,
            StartedAt = default,
            Deadline = default,
            Input = default,
            State = SagaState.Running,
        },
        null);
}
