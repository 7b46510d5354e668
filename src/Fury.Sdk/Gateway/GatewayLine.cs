using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Fury.Sdk.Bindings;
using Fury.Sdk.Drivers;
using Fury.Sdk.Http;

namespace Fury.Sdk.Gateway;

/// <summary>The way of one driver to the gateway: for one service, by one binding.</summary>
internal sealed class GatewayLine(HttpMessageInvoker http, Uri platform, string token, ServiceKind kind, DriverContext context)
{
    public const string Speaker = "The gateway";

    /// <summary>From so many bytes of an object on they are sent only when the gateway has said that it takes them.</summary>
    private const int AskFirstBytes = 1 << 20;

    private static readonly MediaTypeHeaderValue Content = new(GatewayProtocol.ContentType);

    private readonly string _path = $"{GatewayProtocol.Path}{BindingsFile.WordOf(kind)}/";
    private readonly string _epoch = context.Epoch.ToString(CultureInfo.InvariantCulture);
    private readonly string? _filter = FilterWire.Write(context.Filter);
    private readonly AuthenticationHeaderValue _bearer = new("Bearer", token);

    public TimeProvider Clock => context.Clock;

    /// <summary>What really stands behind the gateway can do.</summary>
    public CapabilitySet Declared { get; private set; } = CapabilitySet.Empty;

    public async Task Open(CancellationToken cancellation)
    {
        try
        {
            Declared = await Ask(GatewayProtocol.Describe, new WireWriter(), WireFailures.ReadCapabilities, cancellation);
        }
        catch (Exception broken) when (broken is not (FuryException or OperationCanceledException))
        {
            throw HttpFailures.Transport(Speaker, broken);
        }
    }

    public ValueTask<bool> Do(string operation, WireWriter fields, CancellationToken cancellation) => Ask(operation, fields, static _ => true, cancellation);

    /// <summary>One call.</summary>
    /// <param name="fields">What is asked.</param>
    /// <param name="read">What is answered.</param>
    /// <param name="bytes">Of an object, after the fields.</param>
    public async ValueTask<T> Ask<T>(
        string operation, WireWriter fields, Func<WireReader, T> read, CancellationToken cancellation, ReadOnlyMemory<byte> bytes = default)
    {
        using var answer = await Send(operation, fields, bytes, cancellation);
        await using var stream = await answer.Content.ReadAsStreamAsync(cancellation);
        return await Read(stream, read, cancellation);
    }

    /// <summary>One call whose answer goes on after its first frame; whoever gets it disposes both.</summary>
    public async ValueTask<(T Fields, HttpResponseMessage Answer, Stream Content)> Begin<T>(
        string operation, WireWriter fields, Func<WireReader, T> read, CancellationToken cancellation)
    {
        var answer = await Send(operation, fields, default, cancellation);
        try
        {
            var stream = await answer.Content.ReadAsStreamAsync(cancellation);
            return (await Read(stream, read, cancellation), answer, stream);
        }
        catch
        {
            answer.Dispose();
            throw;
        }
    }

    private static async ValueTask<T> Read<T>(Stream stream, Func<WireReader, T> read, CancellationToken cancellation)
    {
        try
        {
            return read(await WireFrame.Read(stream, GatewayProtocol.FieldsMax, cancellation));
        }
        catch (FormatException bad)
        {
            throw new FuryException(FuryErrorCode.Unknown, $"{Speaker} gave an answer that is none: {bad.Message}") { OutcomeUnknown = true };
        }
    }

    private async ValueTask<HttpResponseMessage> Send(string operation, WireWriter fields, ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(platform, _path + operation))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
            Content = bytes.IsEmpty ? new ReadOnlyMemoryContent(fields.Frame()) : new FrameContent(fields.Frame(), bytes),
        };
        request.Content.Headers.ContentType = Content;
        request.Headers.Authorization = _bearer;
        request.Headers.ExpectContinue = bytes.Length >= AskFirstBytes;
        request.Headers.TryAddWithoutValidation(GatewayProtocol.ServiceHeader, context.Service);
        request.Headers.TryAddWithoutValidation(GatewayProtocol.EpochHeader, _epoch);
        if (_filter is not null)
        {
            request.Headers.TryAddWithoutValidation(GatewayProtocol.FilterHeader, _filter);
        }

        var answer = await http.SendAsync(request, cancellation);
        if (answer.StatusCode == HttpStatusCode.OK && IsFrame(answer))
        {
            return answer;
        }

        using (answer)
        {
            throw await Refusal(answer, cancellation);
        }
    }

    private static async Task<FuryException> Refusal(HttpResponseMessage answer, CancellationToken cancellation)
    {
        if (!IsFrame(answer))
        {
            // Of whoever stands between, or of the platform before the gateway was asked.
            return HttpFailures.Answer(Speaker, answer.StatusCode, null);
        }

        await using var stream = await answer.Content.ReadAsStreamAsync(cancellation);
        return await Read(stream, WireFailures.Read, cancellation);
    }

    private static bool IsFrame(HttpResponseMessage answer) => answer.Content.Headers.ContentType?.MediaType == GatewayProtocol.ContentType;

    /// <summary>Fields, and the bytes of an object, neither copied.</summary>
    private sealed class FrameContent(ReadOnlyMemory<byte> frame, ReadOnlyMemory<byte> bytes) : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            await stream.WriteAsync(frame, cancellationToken);
            await stream.WriteAsync(bytes, cancellationToken);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = (long)frame.Length + bytes.Length;
            return true;
        }
    }
}

/// <summary>What all drivers that go through the gateway have in common.</summary>
internal abstract class GatewayDriver(GatewayLine line) : IDriver
{
    public string Provider => GatewayProtocol.Name;

    public CapabilitySet Declared => line.Declared;

    public bool EndsAtOnce => true;

    protected GatewayLine Line => line;

    public FuryException Translate(Exception error) => HttpFailures.Transport(GatewayLine.Speaker, error);

    public async ValueTask ProbeAsync(CancellationToken cancellation) => await line.Do(GatewayProtocol.Probe, new WireWriter(), cancellation);

    /// <summary>Connections are shared by all drivers of the application.</summary>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
