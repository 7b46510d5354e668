using System.Net;
using System.Net.Http.Headers;
using Fury.Kernel;

namespace Fury.Agent;

/// <summary>Brings what one address holds into a file, from where an earlier attempt has ended.</summary>
internal sealed class Download(HttpClient http, LoadLimits limits, TimeProvider clock)
{
    private const int BufferBytes = 128 * 1024;

    /// <summary>Whether the bytes of the file came in more than one answer, which may have been of different content.</summary>
    public bool WasResumed { get; private set; }

    /// <param name="ask">Makes the request; called for each attempt.</param>
    public async Task<Outcome> To(string file, Func<HttpRequestMessage> ask, CancellationToken cancellation)
    {
        using var patience = new CancellationTokenSource(limits.Patience, clock);
        using var silence = new CancellationTokenSource(limits.Silence, clock);
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(cancellation, patience.Token, silence.Token);
        using var request = ask();
        try
        {
            var have = File.Exists(file) ? new FileInfo(file).Length : 0;
            request.Headers.Range = have > 0 ? new RangeHeaderValue(have, null) : null;
            using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ends.Token);
            if (answer.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable && have > 0)
            {
                // Either all of it is here, which the digest will tell, or the content is another one now and is fetched anew.
                return answer.Content.Headers.ContentRange?.Length == have ? Outcome.Ok : Again(file, request, "its length has changed");
            }

            if (!answer.IsSuccessStatusCode)
            {
                return Refused(request, answer.StatusCode);
            }

            var goesOn = answer.StatusCode == HttpStatusCode.PartialContent && answer.Content.Headers.ContentRange?.From == have;
            WasResumed |= goesOn && have > 0;
            return await Copy(answer, file, goesOn ? have : 0, silence, ends.Token);
        }
        catch (Exception broken) when (broken is HttpRequestException or IOException or OperationCanceledException && !cancellation.IsCancellationRequested)
        {
            var why = patience.IsCancellationRequested ? $"it takes longer than {limits.Patience.TotalMinutes} minutes"
                : silence.IsCancellationRequested ? $"nothing came for {limits.Silence.TotalSeconds} s"
                : broken.Message;
            return Fault.Unavailable($"{Where(request)} could not be fetched: {why}.");
        }
    }

    /// <summary>Begins anew with the next attempt.</summary>
    public void Forget(string file)
    {
        File.Delete(file);
        WasResumed = false;
    }

    /// <summary>An address without what may be a secret in it: its query.</summary>
    private static string Where(HttpRequestMessage request) => request.RequestUri!.GetLeftPart(UriPartial.Path);

    private Fault Again(string file, HttpRequestMessage request, string why)
    {
        Forget(file);
        return Fault.Unavailable($"{Where(request)} is fetched anew: {why}.");
    }

    private static Fault Refused(HttpRequestMessage request, HttpStatusCode status) => status switch
    {
        HttpStatusCode.NotFound or HttpStatusCode.Gone => new(FaultKind.NotFound, $"{Where(request)} does not exist ({(int)status})."),
        HttpStatusCode.Unauthorized => new(FaultKind.Unauthenticated, $"{Where(request)} asks for credentials (401)."),
        HttpStatusCode.Forbidden => new(FaultKind.Forbidden, $"{Where(request)} may not be fetched by this instance (403)."),
        HttpStatusCode.TooManyRequests => new(FaultKind.Throttled, $"{Where(request)} is asked for too often (429)."),
        >= HttpStatusCode.InternalServerError or HttpStatusCode.RequestTimeout => Fault.Unavailable($"{Where(request)} answers {(int)status}."),
        _ => Fault.Invalid($"{Where(request)} answers {(int)status} instead of a file."),
    };

    private async Task<Outcome> Copy(HttpResponseMessage answer, string file, long have, CancellationTokenSource silence, CancellationToken cancellation)
    {
        await using var output = new FileStream(file, have > 0 ? FileMode.Append : FileMode.Create, FileAccess.Write, FileShare.Read, 0, true);
        await using var input = await answer.Content.ReadAsStreamAsync(cancellation);
        var buffer = new byte[BufferBytes];
        var bytes = have;
        while (await input.ReadAsync(buffer, cancellation) is var read and > 0)
        {
            bytes += read;
            if (bytes > limits.BytesMax)
            {
                await output.DisposeAsync();
                Forget(file);
                return Fault.Invalid($"{Where(answer.RequestMessage!)} is larger than {limits.BytesMax} bytes, which is the most that is fetched.");
            }

            await output.WriteAsync(buffer.AsMemory(0, read), cancellation);
            silence.CancelAfter(limits.Silence);
        }

        return Outcome.Ok;
    }
}
