namespace Fury.Hosting;

/// <summary>
/// Many callers' items in one write: the first is written at once, and whatever comes while a write is under way is written together after it. So a
/// quiet platform waits for nothing, and a busy one pays for one commit where it had a hundred.
/// </summary>
/// <param name="write">Gives a result for each item, in their order. What it throws is thrown to every caller of the group.</param>
/// <param name="itemsMax">Of one write. How many wait is bounded by their callers, who wait for theirs.</param>
public sealed class GroupCommit<TItem, TResult>(
    Func<IReadOnlyList<TItem>, CancellationToken, Task<IReadOnlyList<TResult>>> write, int itemsMax)
{
    private readonly Lock _gate = new();
    private readonly Queue<(TItem Item, TaskCompletionSource<TResult> Done)> _waiting = [];
    private bool _isWriting;

    /// <summary>Its result once it is written. A caller that stops waiting does not stop the write.</summary>
    public Task<TResult> Add(TItem item, CancellationToken cancellation)
    {
        var done = new TaskCompletionSource<TResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            _waiting.Enqueue((item, done));
            if (!_isWriting)
            {
                _isWriting = true;
                _ = Task.Run(WriteAll, CancellationToken.None);
            }
        }

        return done.Task.WaitAsync(cancellation);
    }

    private async Task WriteAll()
    {
        while (Take() is { Count: > 0 } group)
        {
            try
            {
                var results = await write([.. group.Select(one => one.Item)], CancellationToken.None);
                foreach (var (one, result) in group.Zip(results))
                {
                    one.Done.SetResult(result);
                }
            }
            catch (Exception failure)
            {
                foreach (var (_, done) in group)
                {
                    done.TrySetException(failure);
                }
            }
        }
    }

    private List<(TItem Item, TaskCompletionSource<TResult> Done)> Take()
    {
        lock (_gate)
        {
            List<(TItem, TaskCompletionSource<TResult>)> group = [];
            while (group.Count < itemsMax && _waiting.TryDequeue(out var one))
            {
                group.Add(one);
            }

            _isWriting = group.Count > 0;
            return group;
        }
    }
}
