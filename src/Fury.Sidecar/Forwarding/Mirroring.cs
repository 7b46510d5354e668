using Fury.Sidecar.Routing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Yarp.ReverseProxy.Forwarder;

namespace Fury.Sidecar.Forwarding;

/// <summary>
/// Sends a share of the safe requests to another pool as well and throws the answers away. The request itself never waits for it and never hears
/// of its failures.
/// </summary>
internal sealed class Mirroring(LiveRoutes routes, Upstream upstream, TimeProvider clock, Random random)
{
    public const string Header = "x-fury-mirrored";

    /// <summary>Under way at the same time; where there are more, the copy is left out.</summary>
    public const int InFlightMax = 64;

    /// <summary>A copy that takes longer is given up.</summary>
    public static readonly TimeSpan TimeMax = TimeSpan.FromSeconds(10);

    private const int Million = 1_000_000;

    private int _inFlight;

    /// <summary>Sends a copy where the rules and chance want one. Call it before the request itself is sent.</summary>
    public async ValueTask Mirror(HttpContext context, MirrorRules rules)
    {
        var request = context.Request;
        if (!IsSafe(request.Method)
            || context.Features.Get<IHttpRequestBodyDetectionFeature>() is not { CanHaveBody: false }
            || random.Next(Million) >= rules.PerMillion)
        {
            return;
        }

        if (Interlocked.Increment(ref _inFlight) > InFlightMax
            || routes.TryEnter(request.Host.Host, new(rules.Pool, null), [], null, null, out _) is not { } choice)
        {
            Interlocked.Decrement(ref _inFlight);
            return;
        }

        // From here on the copy knows nothing of the request, which may end before it. None of the pools' transforms waits for anything.
        var copy = new HttpRequestMessage(new HttpMethod(request.Method), RequestUtilities.MakeDestinationAddress(
            choice.Endpoint.Prefix, request.Path, request.QueryString));
        await choice.Pool.Slot.Transformer.TransformRequestAsync(context, copy, choice.Endpoint.Prefix, CancellationToken.None);
        copy.Headers.Add(Header, "1");
        choice.Pool.Slot.Begun();
        _ = Send(copy, choice);
    }

    private static bool IsSafe(string method) => HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method);

    private async Task Send(HttpRequestMessage copy, Choice choice)
    {
        var (begun, replica) = (clock.GetTimestamp(), choice.Endpoint.Replica);
        var (ending, isError) = (Ending.Answered, false);
        replica?.Begin();
        try
        {
            using var deadline = new CancellationTokenSource(TimeMax, clock);
            using var response = await upstream.Client.SendAsync(copy, deadline.Token);
            isError = Endings.IsError(ending, (int)response.StatusCode);
            await response.Content.CopyToAsync(Stream.Null, deadline.Token);
        }
        catch (Exception cause)
        {
            ending = cause is OperationCanceledException ? Ending.TimedOut : Endings.Of(ForwarderError.Request, cause, clientLeft: false);
        }
        finally
        {
            copy.Dispose();
            var taken = clock.GetElapsedTime(begun);
            replica?.End(isError || Endings.IsFailure(ending), taken);
            choice.Pool.Slot.Count(ending, isError, taken);
            LiveRoutes.Leave(choice);
            Interlocked.Decrement(ref _inFlight);
        }
    }
}
