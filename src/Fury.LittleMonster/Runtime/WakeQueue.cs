namespace Fury.LittleMonster;

/// <summary>
/// The sagas that wait for a time, the earliest first: a binary heap in which each saga knows its place, so that one that has ended, or
/// moved its time, leaves nothing behind.
/// </summary>
internal sealed class WakeQueue
{
    private readonly List<LiveSaga> _heap = [];

    public int Count => _heap.Count;

    public LiveSaga? First => _heap.Count > 0 ? _heap[0] : null;

    /// <summary>Puts it in its place, or takes it out when there is nothing to wait for.</summary>
    public void Set(LiveSaga live, DateTimeOffset? at)
    {
        if (at is not { } time)
        {
            Remove(live);
            return;
        }

        if (live.WakeIndex < 0)
        {
            live.WakeIndex = _heap.Count;
            _heap.Add(live);
        }
        else if (live.WakeAt == time)
        {
            return;
        }

        live.WakeAt = time;
        Sink(Rise(live.WakeIndex));
    }

    public void Remove(LiveSaga live)
    {
        if (live.WakeIndex < 0)
        {
            return;
        }

        var (index, last) = (live.WakeIndex, _heap[^1]);
        live.WakeIndex = -1;
        _heap.RemoveAt(_heap.Count - 1);
        if (last != live)
        {
            Put(last, index);
            Sink(Rise(index));
        }
    }

    private int Rise(int index)
    {
        var live = _heap[index];
        while (index > 0 && _heap[(index - 1) / 2].WakeAt > live.WakeAt)
        {
            Put(_heap[(index - 1) / 2], index);
            index = (index - 1) / 2;
        }

        Put(live, index);
        return index;
    }

    private void Sink(int index)
    {
        var live = _heap[index];
        while ((2 * index) + 1 < _heap.Count)
        {
            var child = (2 * index) + 1;
            if (child + 1 < _heap.Count && _heap[child + 1].WakeAt < _heap[child].WakeAt)
            {
                child++;
            }

            if (_heap[child].WakeAt >= live.WakeAt)
            {
                break;
            }

            Put(_heap[child], index);
            index = child;
        }

        Put(live, index);
    }

    private void Put(LiveSaga live, int index) => (_heap[index], live.WakeIndex) = (live, index);
}
