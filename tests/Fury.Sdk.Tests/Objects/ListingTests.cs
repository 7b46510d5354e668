using Fury.Sdk.Objects;
using Fury.Sdk.Testing;
using Fury.Testing;

namespace Fury.Sdk.Tests.Objects;

/// <summary>A listing looks at each object that may be what a move has left there.</summary>
public sealed class ListingTests
{
    private const int LooksAtOnce = 16;

    [Fact]
    public async Task A_page_looks_at_some_at_once_and_keeps_its_order()
    {
        await using var fury = await FuryTestHost.StartAsync(app => app.AddObjects("files"));
        var files = fury.Services.Objects("files");
        string[] keys = [.. Enumerable.Range(0, 3 * LooksAtOnce).Select(each => $"{each:D2}")];
        foreach (var key in keys)
        {
            await files.WriteAsync(key, new byte[key.EndsWith('5') ? 1 : ObjectEnvelope.NothingSize]);
        }

        var (looking, most) = (0, 0);
        var enough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        fury.Faults.On("files", "HeadAsync").Always().Do(async (_, next) =>
        {
            InterlockedMax(ref most, Interlocked.Increment(ref looking));
            if (Volatile.Read(ref looking) == LooksAtOnce)
            {
                enough.TrySetResult();
            }

            await enough.Task.WaitAsync(Eventually.Deadline);
            Interlocked.Decrement(ref looking);
            return await next();
        });
        List<string> listed = [];
        await foreach (var item in files.List())
        {
            listed.Add(item.Key);
        }

        Assert.Equal(keys, listed);
        Assert.Equal(LooksAtOnce, most);
    }

    private static void InterlockedMax(ref int most, int seen)
    {
        for (var before = Volatile.Read(ref most); seen > before; before = Volatile.Read(ref most))
        {
            Interlocked.CompareExchange(ref most, seen, before);
        }
    }
}
