using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Fury.LocalCluster;

/// <summary>The parts that answer requests.</summary>
internal sealed record ApiParts(Reads Reads, Edits Edits, Watches Watches, Subresources Subresources, Scales Scales, Measures Measures, Documents Documents);

/// <summary>One request from its headers to its answer: faults, who asks, whether they may, and then what they ask for.</summary>
internal sealed class ApiServer(ClusterVersion version, ApiParts parts, Faults faults, Access access, TimeProvider clock, ILogger log)
    : IHttpApplication<HttpContext>
{
    public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

    public void DisposeContext(HttpContext context, Exception? exception)
    {
        // Nothing of it outlives the request.
    }

    public async Task ProcessRequestAsync(HttpContext context)
    {
        try
        {
            await Answer(context);
        }
        catch (Refusal refusal)
        {
            await Refuse(context, refusal);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody waits for an answer.
        }
        catch (BadHttpRequestException bad)
        {
            await Refuse(context, Refusal.BadRequest(bad.Message));
        }
#pragma warning disable CA1031 // Whatever else it is, the caller gets an answer and the next request is served.
        catch (Exception failure)
        {
            log.LogError(failure, "{Method} {Path} has failed.", context.Request.Method, context.Request.Path);
            await Refuse(context, Refusal.ServerError(500, $"Internal error occurred: {failure.Message}"));
        }
#pragma warning restore CA1031
        finally
        {
            faults.Count(context.Response.StatusCode);
        }
    }

    private async Task Answer(HttpContext http)
    {
        if (faults.Latency > TimeSpan.Zero)
        {
            await Task.Delay(faults.Latency, clock, http.RequestAborted);
        }

        if (Documents.IsHealth(http))
        {
            await parts.Documents.TryAnswer(http);
            return;
        }

        var user = access.Authenticate(http);
        if (await parts.Documents.TryAnswer(http) || await access.TryReview(http, user))
        {
            return;
        }

        var call = Call.Parse(http, version, clock) ?? throw Refusal.NoSuchPath();
        if (faults.Draw(call) is { } fault)
        {
            throw fault;
        }

        access.Check(user, call);
        if (call.Verb != "watch" && faults.LosesAnswer())
        {
            // Carried out, but the caller will not know.
            http.Response.Body = Stream.Null;
            await Dispatch(call);
            http.Abort();
            return;
        }

        await Dispatch(call);
    }

    private Task Dispatch(Call call) => (call.Verb, call.Subresource) switch
    {
        ("get", null) when call.Kind.IsMeasured => parts.Measures.Get(call),
        ("list", null) when call.Kind.IsMeasured => parts.Measures.List(call),
        _ when call.Kind.IsMeasured => throw Refusal.MethodNotAllowed(),
        ("get", null) => parts.Reads.Get(call),
        ("list", null) => parts.Reads.List(call),
        ("watch", null) => parts.Watches.Watch(call),
        ("create", null) when call.Name is null => parts.Edits.Create(call),
        ("update", null) => parts.Edits.Update(call),
        ("patch", null) => parts.Edits.Patch(call),
        ("delete", null) => parts.Edits.Delete(call),
        ("deletecollection", null) => parts.Edits.DeleteCollection(call),
        ("get", "status") when call.Kind.HasStatus => parts.Reads.Get(call),
        ("update", "status") when call.Kind.HasStatus => parts.Edits.Update(call),
        ("patch", "status") when call.Kind.HasStatus => parts.Edits.Patch(call),
        ("get", "scale") when call.Kind.HasScale => parts.Scales.Get(call),
        ("update", "scale") when call.Kind.HasScale => parts.Scales.Update(call),
        ("patch", "scale") when call.Kind.HasScale => parts.Scales.Patch(call),
        ("get", "log") when call.Kind == AllKinds.Pods => parts.Subresources.Log(call),
        ("create", "eviction") when call.Kind == AllKinds.Pods => parts.Subresources.Evict(call),
        ("create", "binding") when call.Kind == AllKinds.Pods => parts.Subresources.Bind(call),
        ("update", "finalize") when call.Kind == AllKinds.Namespaces => parts.Subresources.Finalize(call),
        (_, null) => throw Refusal.MethodNotAllowed(),
        _ => throw Refusal.NoSuchPath(),
    };

    private static async Task Refuse(HttpContext context, Refusal refusal)
    {
        if (context.Response.HasStarted)
        {
            // The status is out already; a cut connection is all that can still tell.
            context.Abort();
            return;
        }

        context.Response.Clear();
        await Answers.Status(context, refusal);
    }
}
