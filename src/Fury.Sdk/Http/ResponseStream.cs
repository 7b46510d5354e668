using Fury.Sdk.Objects;

namespace Fury.Sdk.Http;

/// <summary>The body of an answer as it arrives. Disposing it ends the transfer; a connection that breaks is told in our words.</summary>
internal sealed class ResponseStream(string provider, HttpResponseMessage response, Stream inner) : ReadOnlyStream
{
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            return await inner.ReadAsync(buffer, cancellationToken);
        }
        catch (Exception error) when (error is IOException or HttpRequestException)
        {
            throw new FuryException(FuryErrorCode.Unavailable, $"The connection to {provider} broke while an object was read.", error) { IsTransient = true };
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
            response.Dispose();
        }

        base.Dispose(disposing);
    }
}
