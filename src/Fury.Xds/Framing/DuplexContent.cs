using System.IO.Pipelines;
using System.Net;

namespace Fury.Xds.Framing;

/// <summary>A request's body that stays open and is written as it comes.</summary>
internal sealed class DuplexContent(PipeReader source) : HttpContent
{
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        Exception? failure = null;
        try
        {
            // HttpClient holds the headers back until there is something of the body, and there may not be for long.
            await stream.FlushAsync(cancellationToken);
            for (var ended = false; !ended;)
            {
                var result = await source.ReadAsync(cancellationToken);
                foreach (var piece in result.Buffer)
                {
                    await stream.WriteAsync(piece, cancellationToken);
                }

                await stream.FlushAsync(cancellationToken);
                source.AdvanceTo(result.Buffer.End);
                ended = result.IsCompleted;
            }
        }
        catch (Exception caught)
        {
            failure = caught;
            throw;
        }
        finally
        {
            // A write that waits for room learns of it here.
            await source.CompleteAsync(failure);
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
