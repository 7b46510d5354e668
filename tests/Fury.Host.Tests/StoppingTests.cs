using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using NSubstitute;

namespace Fury.Host.Tests;

public sealed class StoppingTests : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    private readonly CancellationTokenSource _stop = new();
    private readonly IHostApplicationLifetime _lifetime = Substitute.For<IHostApplicationLifetime>();

    public StoppingTests() => _lifetime.ApplicationStopping.Returns(_stop.Token);

    [Theory]
    [InlineData("text/event-stream", "")]
    [InlineData("*/*", "?follow=true")]
    [InlineData("*/*", "")]
    public async Task A_request_that_would_go_on_is_ended_when_the_host_stops(string accept, string query)
    {
        var context = new DefaultHttpContext();
        context.Request.Headers.Accept = accept;
        context.Request.QueryString = new QueryString(query);
        var request = new Stopping(async inner => await Task.Delay(Timeout.Infinite, inner.RequestAborted), _lifetime).Invoke(context);
        Assert.False(request.IsCompleted);

        await _stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request.WaitAsync(Deadline));
    }

    [Fact]
    public async Task A_request_that_ends_soon_is_left_alone()
    {
        var work = new TaskCompletionSource();
        var ended = false;
        var request = new Stopping(async inner =>
        {
            await work.Task;
            ended = !inner.RequestAborted.IsCancellationRequested;
        }, _lifetime).Invoke(new DefaultHttpContext());

        await _stop.CancelAsync();
        work.SetResult();
        await request.WaitAsync(Deadline);

        Assert.True(ended);
    }

    public void Dispose() => _stop.Dispose();
}
