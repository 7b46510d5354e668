using Fury.Kernel;
using Fury.Providers.Contracts;

namespace Fury.Providers.Clouds;

/// <summary>The agents inside of instances: what no cloud tells of an instance is asked of the agent that runs in it.</summary>
internal interface IAgents
{
    /// <summary>Where applications listen, in every instance.</summary>
    int Port { get; }

    /// <summary>What an instance runs when it boots, so that its agent fetches, checks and starts the artifact. The same for the same request.</summary>
    Outcome<string> UserData(InstanceRequest request, InstanceType type);

    /// <inheritdoc cref="IInstanceProvider.Logs"/>
    IAsyncEnumerable<InstanceLogLine> Logs(ProviderInstance instance, int tail, bool follow, CancellationToken cancellation);
}
