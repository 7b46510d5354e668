using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Fury.Artifacts;
using Fury.Kernel;

namespace Fury.Agent;

/// <summary>
/// One repository, by the distribution API. Where it asks for a token, one for anybody is fetched. Every blob is compared with its digest: what a registry
/// sends instead is never used.
/// </summary>
internal sealed partial class Registry(ImageReference image, string folder, LoadTools tools)
{
    private const int DocumentBytesMax = 4 << 20;
    private const int TokenBytesMax = 64 << 10;
    private readonly Dictionary<string, Download> _downloads = [];
    private AuthenticationHeaderValue? _token;

    /// <summary>A manifest or an index, which is small.</summary>
    public Task<Outcome<byte[]>> Document(string digest, CancellationToken cancellation) =>
        Small($"v2/{image.Repository}/manifests/{digest}", new("", digest, -1), cancellation);

    public Task<Outcome<byte[]>> Config(Descriptor config, CancellationToken cancellation) =>
        Small($"v2/{image.Repository}/blobs/{config.Digest}", config, cancellation);

    /// <summary>Where a layer is once it is fetched; it is not when <see cref="Layer"/> has not succeeded.</summary>
    public string FileOf(Descriptor layer) => Path.Combine(folder, DigestHex.Of(layer.Digest)!);

    /// <summary>Brings a layer into its file, from where an earlier attempt has ended.</summary>
    public async Task<Outcome> Layer(Descriptor layer, CancellationToken cancellation)
    {
        if (DigestHex.Of(layer.Digest) is null)
        {
            return Fault.Invalid($"A layer of the image has the digest '{layer.Digest}', which is no SHA-256.");
        }

        var file = FileOf(layer);
        if (File.Exists(file))
        {
            return Outcome.Ok;
        }

        var unfinished = file + ".unfinished";
        if (!_downloads.TryGetValue(layer.Digest, out var download))
        {
            _downloads[layer.Digest] = download = new(tools.Http, tools.Limits with { BytesMax = layer.Size }, tools.Clock);
        }

        var fetched = await download.To(unfinished, () => Ask($"v2/{image.Repository}/blobs/{layer.Digest}"), cancellation);
        if (!fetched.IsOk)
        {
            return fetched;
        }

        string found;
        await using (var content = File.OpenRead(unfinished))
        {
            found = $"sha256:{Convert.ToHexStringLower(await SHA256.HashDataAsync(content, cancellation))}";
        }

        if (found == layer.Digest)
        {
            File.Move(unfinished, file);
            return Outcome.Ok;
        }

        var wasResumed = download.WasResumed;
        download.Forget(unfinished);
        return wasResumed ? Fault.Unavailable($"Layer {layer.Digest} came in parts that do not fit together; it is fetched anew.") : NotIt(layer, found);
    }

    private static string DigestOf(byte[] bytes) => $"sha256:{Convert.ToHexStringLower(SHA256.HashData(bytes))}";

    private static Fault NotIt(Descriptor blob, string found) =>
        Fault.Invalid($"A part of the image has the digest {found} and should have {blob.Digest}, so the image is not started.");

    private HttpRequestMessage Ask(string path)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, new Uri(image.Registry, path));
        request.Headers.TryAddWithoutValidation("Accept", path.Contains("/manifests/", StringComparison.Ordinal) ? Manifests.Accepted : "*/*");
        request.Headers.Authorization = _token;
        return request;
    }

    /// <summary>Kept beside the layers, so that an agent which is started again needs no registry.</summary>
    private async Task<Outcome<byte[]>> Small(string path, Descriptor blob, CancellationToken cancellation)
    {
        if (DigestHex.Of(blob.Digest) is not { } hex)
        {
            return Fault.Invalid($"A part of the image has the digest '{blob.Digest}', which is no SHA-256.");
        }

        var file = Path.Combine(folder, hex);
        if (File.Exists(file) && await File.ReadAllBytesAsync(file, cancellation) is var kept && DigestOf(kept) == blob.Digest)
        {
            return kept;
        }

        var fetched = await Fetch(path, blob, cancellation);
        if (fetched.IsOk)
        {
            await File.WriteAllBytesAsync(file, fetched.Value, cancellation);
        }

        return fetched;
    }

    private async Task<Outcome<byte[]>> Fetch(string path, Descriptor blob, CancellationToken cancellation)
    {
        var answer = await Get(() => Ask(path), DocumentBytesMax, cancellation);
        if (answer is { IsOk: true, Value: { Status: HttpStatusCode.Unauthorized, Challenge: { } challenge } } && _token is null)
        {
            var token = await Token(challenge, cancellation);
            if (!token.IsOk)
            {
                return token.Fault;
            }

            _token = new("Bearer", token.Value);
            answer = await Get(() => Ask(path), DocumentBytesMax, cancellation);
        }

        if (!answer.IsOk)
        {
            return answer.Fault;
        }

        if (answer.Value.Status is not HttpStatusCode.OK)
        {
            return Refused(path, answer.Value.Status);
        }

        var found = DigestOf(answer.Value.Body);
        return found == blob.Digest ? answer.Value.Body : NotIt(blob, found);
    }

    private Fault Refused(string path, HttpStatusCode status)
    {
        var message = $"The registry {image.Registry.Authority} answers {(int)status} for {path}.";
        return status switch
        {
            HttpStatusCode.NotFound => new(FaultKind.NotFound, message),
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => new(FaultKind.Forbidden, $"{message} Images that need credentials cannot be fetched."),
            HttpStatusCode.TooManyRequests => new(FaultKind.Throttled, message),
            >= HttpStatusCode.InternalServerError => Fault.Unavailable(message),
            _ => Fault.Invalid(message),
        };
    }

    /// <summary>A token for anybody, from where the registry says that it is to be had.</summary>
    private async Task<Outcome<string>> Token(string challenge, CancellationToken cancellation)
    {
        var said = Parameter().Matches(challenge).DistinctBy(one => one.Groups["name"].Value)
            .ToDictionary(one => one.Groups["name"].Value, one => one.Groups["value"].Value);
        if (!challenge.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase)
            || !said.Remove("realm", out var realm)
            || !Uri.TryCreate(realm, UriKind.Absolute, out var uri)
            || (uri.Scheme != Uri.UriSchemeHttps && !Loopback.Is(uri.Host)))
        {
            return new Fault(FaultKind.Forbidden, $"The registry {image.Registry.Authority} asks for credentials that this agent does not have.");
        }

        var query = string.Join('&', said.Where(one => one.Key is "service" or "scope").Select(one => $"{one.Key}={Uri.EscapeDataString(one.Value)}"));
        var answer = await Get(() => new(HttpMethod.Get, $"{uri.AbsoluteUri}{(uri.Query.Length > 0 ? '&' : '?')}{query}"), TokenBytesMax, cancellation);
        return answer.Then<string>(got =>
        {
            var json = got.Status == HttpStatusCode.OK ? JsonNode.Parse(got.Body) : null;
            return (json?["token"] ?? json?["access_token"])?.GetValue<string>() is { } token
                ? token
                : new Fault(FaultKind.Forbidden, $"The registry {image.Registry.Authority} gives no token to those without credentials.");
        });
    }

    private async Task<Outcome<(HttpStatusCode Status, string? Challenge, byte[] Body)>> Get(
        Func<HttpRequestMessage> ask, int bytesMax, CancellationToken cancellation)
    {
        using var silence = new CancellationTokenSource(tools.Limits.Silence, tools.Clock);
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(cancellation, silence.Token);
        using var request = ask();
        try
        {
            using var answer = await tools.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ends.Token);
            await using var body = new Bounded(await answer.Content.ReadAsStreamAsync(ends.Token), bytesMax);
            using var all = new MemoryStream();
            await body.CopyToAsync(all, ends.Token);
            return (answer.StatusCode, answer.Headers.WwwAuthenticate.FirstOrDefault()?.ToString(), all.ToArray());
        }
        catch (TooMuch)
        {
            return Fault.Invalid($"{request.RequestUri!.GetLeftPart(UriPartial.Path)} is larger than {bytesMax} bytes.");
        }
        catch (Exception broken) when (broken is HttpRequestException or IOException or OperationCanceledException && !cancellation.IsCancellationRequested)
        {
            return Fault.Unavailable($"The registry {image.Registry.Authority} does not answer: {broken.Message}");
        }
    }

    [GeneratedRegex("(?<name>[a-z]+)=\"(?<value>[^\"]*)\"")]
    private static partial Regex Parameter();
}
