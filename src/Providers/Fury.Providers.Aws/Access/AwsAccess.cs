using Amazon.Runtime;
using Fury.Kernel;
using Fury.Providers.Clouds;

namespace Fury.Providers.Aws.Access;

/// <summary>Who Fury is to AWS, now. The SDK finds credentials and renews them before they end; what it throws becomes a refusal.</summary>
/// <param name="resolve">Asked each time: files and variables may have changed. The SDK keeps what need not be found again.</param>
internal sealed class AwsAccess(Func<Task<AWSCredentials>> resolve)
{
    /// <summary>No source answers within so long: whoever waits is told so.</summary>
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    public async Task<Outcome<ImmutableCredentials>> Get(CancellationToken cancellation)
    {
        try
        {
            var found = Task.Run(async () => await (await resolve()).GetCredentialsAsync(), cancellation);
            return await found.WaitAsync(Deadline, cancellation) ?? (Outcome<ImmutableCredentials>)None("none of the sources has any");
        }
        catch (Exception failed) when (!cancellation.IsCancellationRequested && failed is not OutOfMemoryException)
        {
            // The SDK throws many kinds, and none of them is a reason to end more than this call.
            return None(Why(failed)) with { Detail = failed.ToString() };
        }
    }

    /// <summary>AWS says that these have ended: the next <see cref="Get"/> brings others where there may be some. True when it has.</summary>
    public async Task<bool> Renew(ImmutableCredentials refused, CancellationToken cancellation)
    {
        try
        {
            if (await resolve() is RefreshingAWSCredentials renewable && (await renewable.GetCredentialsAsync()).Equals(refused))
            {
                renewable.ClearCredentials();
            }
        }
        catch (Exception failed) when (failed is not OutOfMemoryException)
        {
            return false;
        }

        return await Get(cancellation) is { IsOk: true } other && !other.Value.Equals(refused);
    }

    private static Fault None(string why) => CloudFaults.Unauthenticated(
        $"There are no credentials for AWS: {why}. They are looked for in the profile of Fury:Aws:Profile or, without one, in the environment, the shared "
        + "configuration files, a web identity, the container and the instance.");

    private static string Why(Exception failed) => failed switch
    {
        NoProfileException => failed.Message,
        TimeoutException => $"no source answered within {Deadline.TotalSeconds} s",
        AmazonServiceException { ErrorCode: { Length: > 0 } code } => $"the token service refused with {code}",
        _ => $"the search ended with {failed.GetType().Name}",
    };
}
