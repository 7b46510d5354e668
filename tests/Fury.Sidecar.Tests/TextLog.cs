using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Fury.Sidecar.Tests;

/// <summary>Keeps every line that is written, with what its exception says.</summary>
internal sealed class TextLog : ILoggerProvider, ILogger
{
    private readonly ConcurrentQueue<string> _lines = new();

    public bool Contains(string text) => _lines.Any(line => line.Contains(text, StringComparison.Ordinal));

    public override string ToString() => string.Join('\n', _lines);

    ILogger ILoggerProvider.CreateLogger(string categoryName) => this;

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    bool ILogger.IsEnabled(LogLevel logLevel) => true;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Enqueue($"{logLevel}: {formatter(state, exception)} {exception?.Message}");

    void IDisposable.Dispose()
    {
    }
}
