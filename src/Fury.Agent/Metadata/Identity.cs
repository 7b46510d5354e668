using Fury.Agent.Wire;

namespace Fury.Agent;

/// <summary>The cloud's own name for this instance.</summary>
internal sealed class Identity(AgentIdentity identity, IMetadata metadata, TimeProvider clock, ILogger<Identity> log)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private readonly TaskCompletionSource<string> _id = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Null as long as it is not known.</summary>
    public string? Known => _id.Task.IsCompletedSuccessfully ? _id.Task.Result : null;

    /// <summary>Waits until it is known.</summary>
    public Task<string> Id(CancellationToken cancellation) => _id.Task.WaitAsync(cancellation);

    /// <summary>Asks until it is told.</summary>
    public async Task Learn(CancellationToken cancellation)
    {
        for (var said = false; Known is null; said = true)
        {
            var id = identity.Id ?? await metadata.InstanceId(cancellation);
            if (id is { Length: > 0 })
            {
                _id.TrySetResult(id);
                return;
            }

            if (!said)
            {
                log.LogWarning("The metadata server does not tell which instance this is; it is asked until it does.");
            }

            await Task.Delay(Pause, clock, cancellation);
        }
    }
}
