using System.IO.Pipelines;
using System.Net;

namespace Fury.Xds.Framing;

/// <summary>A request's body that stays open and is written as it comes.</summary>
/// <param name="gone">Resets the stream, unless the body has ended.</param>
internal sealed class DuplexContent(PipeReader source, CancellationToken gone) : HttpContent
{
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        Exception? failure = null;
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, gone);
        try
        {
            // HttpClient holds the headers back until there is something of the body, and there may not be for long.
            await stream.FlushAsync(ended.Token);
            for (var completed = false; !completed;)
            {
                var result = await source.ReadAsync(ended.Token);
                foreach (var piece in result.Buffer)
                {
                    await stream.WriteAsync(piece, ended.Token);
                }

                await stream.FlushAsync(ended.Token);
                source.AdvanceTo(result.Buffer.End);
                completed = result.IsCompleted;
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
