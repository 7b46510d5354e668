using Fury.Artifacts;
using Fury.Kernel;

namespace Fury.Catalog.Artifacts;

/// <summary>Sends kept artifacts to the instances that start them; a lot of instances asks all at once.</summary>
internal sealed class ArtifactSending : IDisposable
{
    private const int AtOnceMax = 32;
    private static readonly TimeSpan TurnPatience = TimeSpan.FromSeconds(20);

    private readonly SemaphoreSlim _turns = new(AtOnceMax);

    /// <summary>Writes the tree once it is its turn; <see cref="FaultKind.Throttled"/>, and nothing is written, when that takes too long.</summary>
    /// <param name="begin">Called before the first byte.</param>
    public async Task<Outcome> Send(ArtifactTree tree, Stream to, Action begin, CancellationToken cancellation)
    {
        if (!await _turns.WaitAsync(TurnPatience, cancellation))
        {
            return new Fault(FaultKind.Throttled, "Too many artifacts are being fetched at once. Try again in a minute.");
        }

        try
        {
            begin();
            await ArtifactTar.Write(tree, to, cancellation);
            return Outcome.Ok;
        }
        finally
        {
            _turns.Release();
        }
    }

    public void Dispose() => _turns.Dispose();
}
