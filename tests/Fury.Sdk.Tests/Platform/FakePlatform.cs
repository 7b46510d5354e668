using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Fury.Sdk.Objects;
using Fury.Sdk.Platform;

namespace Fury.Sdk.Tests.Platform;

/// <summary>What was asked.</summary>
internal sealed record Asked(string Method, string Path, string Body, HttpRequestHeaders Headers)
{
    public string? Header(string name) => Headers.TryGetValues(name, out var values) ? string.Join(',', values) : null;
}

/// <summary>A platform that answers what it was told to, one after another; after the last it breaks each connection.</summary>
internal sealed class FakePlatform : HttpMessageHandler
{
    public const string Token = "canary-5e1f0c7a-token";

    private readonly ConcurrentQueue<Func<HttpResponseMessage>> _answers = [];

    public ConcurrentQueue<Asked> Asked { get; } = [];

    public FuryPlatform Client(Action<FuryPlatformOptions>? configure = null)
    {
        var options = new FuryPlatformOptions { Address = new Uri("http://fury.example:7080/base"), Token = Token, Handler = this };
        configure?.Invoke(options);
        return FuryPlatform.Connect(options);
    }

    public FakePlatform Answers(HttpStatusCode status, string body, string type = "application/json")
    {
        _answers.Enqueue(() => new HttpResponseMessage(status) { Content = new StringContent(body, Encoding.UTF8, type) });
        return this;
    }

    public FakePlatform Refuses(HttpStatusCode status, string problem) => Answers(status, problem, "application/problem+json");

    /// <summary>After the request was sent.</summary>
    public FakePlatform Breaks()
    {
        _answers.Enqueue(() => throw new HttpRequestException(HttpRequestError.ResponseEnded));
        return this;
    }

    /// <summary>After it has answered that it will tell.</summary>
    public FakePlatform BreaksWhileItTells()
    {
        _answers.Enqueue(() => new HttpResponseMessage(HttpStatusCode.OK) { Content = new StreamContent(new BrokenStream()) });
        return this;
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var body = request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken);
        Asked.Enqueue(new(request.Method.Method, request.RequestUri!.AbsoluteUri["http://fury.example:7080".Length..], body, request.Headers));
        return _answers.TryDequeue(out var answer) ? answer() : throw new HttpRequestException(HttpRequestError.ResponseEnded);
    }

    private sealed class BrokenStream : ReadOnlyStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => throw new IOException("It broke.");
    }
}
