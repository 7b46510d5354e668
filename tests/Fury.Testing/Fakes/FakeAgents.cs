using System.Runtime.CompilerServices;
using System.Text.Json;
using Fury.Kernel;
using Fury.Providers.Clouds;
using Fury.Providers.Contracts;

namespace Fury.Testing;

/// <summary>Agents of instances that exist nowhere: what is asked for is their user data, and they have written one line.</summary>
public sealed class FakeAgents : IAgents
{
    public int Port => 8080;

    public Outcome<string> UserData(InstanceRequest request, InstanceType type) => JsonSerializer.Serialize(new
    {
        request.ArtifactUri,
        request.ArtifactDigest,
        request.Command,
        request.Arguments,
        Environment = request.Environment.OrderBy(variable => variable.Key, StringComparer.Ordinal),
        request.CpuMillis,
        request.MemoryMiB,
        Type = type.Name,
    });

    public async IAsyncEnumerable<InstanceLogLine> Logs(
        ProviderInstance instance, int tail, bool follow, [EnumeratorCancellation] CancellationToken cancellation)
    {
        if (tail > 0)
        {
            yield return new(instance.Id, At: null, "It runs.");
        }

        if (follow)
        {
            await Task.Delay(Timeout.Infinite, cancellation);
        }
    }
}
