using System.Buffers;
using System.Globalization;
using Fury.Catalog.Contracts;
using Fury.Hosting;
using Fury.Kernel;
using Fury.Sdk;
using Fury.Sdk.Checks;
using Fury.Sdk.Gateway;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using ServiceKind = Fury.Catalog.Contracts.ServiceKind;

namespace Fury.Services.Gateway;

/// <summary>
/// For instances, by their own token: one call of the driver that stands behind a service of their scope. The whole protocol is in
/// <see cref="GatewayProtocol"/>; it is between the platform and the SDK, and no part of the API.
/// </summary>
[ApiController]
[WorkloadOnly]
[ApiExplorerSettings(IgnoreApi = true)]
[Route("api/v1/runtime/gateway/{kind}/{operation}")]
internal sealed class GatewayController(OpenServices services, GatewayLoad load) : ControllerBase
{
    private const int CopyBytes = 128 * 1024;

    [HttpPost]
    [RequestSizeLimit(GatewayProtocol.PartMax + GatewayProtocol.RequestFieldsMax)]
    public async Task Call(string kind, string operation)
    {
        var stop = HttpContext.RequestAborted;
        GatewayCall? call = null;
        try
        {
            var length = Request.ContentLength ?? throw Failure.Invalid("What was asked has no Content-Length.");
            using var place = load.Enter(length);
            var (key, epoch) = Asked(kind);
            var run = GatewayOperations.Find(key.Service.Kind.ToSdk(), operation)
                ?? throw Failure.Invalid($"The gateway has no operation {Check.Show(operation)} for {kind}; it may be older than the SDK.");
            call = await Read(length, stop);
            using var visit = await services.Enter(key, epoch, stop);
            if (visit.IsLeaving && operation is not (GatewayProtocol.Describe or GatewayProtocol.Probe))
            {
                // An instance is told of no more than epochs: it takes this one by the two that pass, and its calls wait for the next.
                throw new FuryException(FuryErrorCode.StaleBinding, $"'{key.Service.Service}' leaves its provider; calls wait for the next one.")
                {
                    IsTransient = true,
                };
            }

            await Run(visit, run, call, stop);
            await Answer(StatusCodes.Status200OK, call.Answer, call, stop);
        }
        catch (FuryException failure)
        {
            var frame = new WireWriter();
            WireFailures.Write(frame, failure, failure.Message);
            await Answer(StatusOf(failure.Code), frame, null, stop);
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException or BadHttpRequestException)
        {
            // Who asked is not there any more, and who still is gets no half answer for a whole one.
            HttpContext.Abort();
        }
        finally
        {
            await (call?.Content?.DisposeAsync() ?? ValueTask.CompletedTask);
        }
    }

    private static int StatusOf(FuryErrorCode code) => code switch
    {
        FuryErrorCode.StaleBinding => StatusCodes.Status409Conflict,
        FuryErrorCode.InvalidArgument => StatusCodes.Status400BadRequest,
        FuryErrorCode.NotBound => StatusCodes.Status404NotFound,
        FuryErrorCode.Throttled => StatusCodes.Status429TooManyRequests,
        _ => StatusCodes.Status502BadGateway,
    };

    private static async Task Run(Visit visit, GatewayOperation run, GatewayCall call, CancellationToken stop)
    {
        try
        {
            await run(visit.Driver, call, stop);
        }
        catch (FormatException bad)
        {
            throw Failure.Invalid($"What was asked cannot be read: {bad.Message}");
        }
        catch (Exception error) when (!stop.IsCancellationRequested)
        {
            throw visit.Told(error);
        }
    }

    private (OpenKey Key, long Epoch) Asked(string kind)
    {
        var (scope, _) = WorkloadOnlyAttribute.Of(HttpContext);
        var headers = Request.Headers;
        return long.TryParse(headers[GatewayProtocol.EpochHeader], NumberStyles.None, CultureInfo.InvariantCulture, out var epoch)
            ? (new(Named(scope, kind, headers[GatewayProtocol.ServiceHeader]), Filter(kind, headers[GatewayProtocol.FilterHeader])), epoch)
            : throw Failure.Invalid($"{GatewayProtocol.EpochHeader} is {Check.Show(headers[GatewayProtocol.EpochHeader])}; right is a number.");
    }

    private static BoundService Named(ScopeRef scope, string kind, string? service) =>
        Word.Find<ServiceKind>(kind) is not { } known ? throw Failure.Invalid($"{Check.Show(kind)} is no kind of service.")
        : ServiceName.TryParse(service, out var name) ? new(scope, known, name)
        : throw Failure.Invalid($"{Check.Show(service)} is no name of a service.");

    private static string Filter(string kind, string? filter) => string.IsNullOrEmpty(filter) ? ""
        : kind == Word.Of(ServiceKind.Queue) ? filter
        : throw Failure.Invalid($"A subscription has a filter; what was asked is of the kind {Check.Show(kind)}.");

    private async Task<GatewayCall> Read(long length, CancellationToken stop)
    {
        try
        {
            var (fields, size) = await WireFrame.ReadSized(Request.Body, GatewayProtocol.RequestFieldsMax, stop);
            var rest = length - size;
            if (rest is < 0 or > GatewayProtocol.PartMax)
            {
                throw new FormatException($"{rest} bytes come after the fields; at most {GatewayProtocol.PartMax} are right.");
            }

            var bytes = rest == 0 ? [] : new byte[rest];
            await Request.Body.ReadExactlyAsync(bytes, stop);
            return new GatewayCall(fields, bytes);
        }
        catch (FormatException bad)
        {
            throw Failure.Invalid($"What was asked cannot be read: {bad.Message}");
        }
    }

    /// <param name="call">Null: nothing follows the frame.</param>
    private async Task Answer(int status, WireWriter frame, GatewayCall? call, CancellationToken stop)
    {
        var (bytes, content) = (frame.Frame(), call?.Content);
        Response.StatusCode = status;
        Response.ContentType = GatewayProtocol.ContentType;
        Response.ContentLength = bytes.Length + (content is null ? 0 : call!.ContentLength);
        await Response.Body.WriteAsync(bytes, stop);
        if (content is not null && !await Copy(content.Content, call!.ContentLength, stop))
        {
            // The answer has begun: only its broken end can say that it is not whole.
            HttpContext.Abort();
        }
    }

    /// <summary>False when it was not as long as it should be, or broke.</summary>
    private async Task<bool> Copy(Stream from, long length, CancellationToken stop)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(CopyBytes);
        try
        {
            int read;
            for (; (read = await from.ReadAsync(buffer, stop)) > 0 && read <= length; length -= read)
            {
                await Response.Body.WriteAsync(buffer.AsMemory(0, read), stop);
            }

            return (read, length) == (0, 0);
        }
        catch (Exception)
        {
            return false;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
