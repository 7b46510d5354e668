using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Fury.LittleMonster.Tests.Simulation;

/// <summary>
/// What the hosts of a run say, for the one who looks into a failure; nobody listens otherwise, but that a host is wrong about a saga is always heard.
/// </summary>
internal sealed class Story(Simulator simulator, Action<string>? listener)
{
    public bool IsTold => listener is not null;

    public void Tell(string who, string what) =>
        listener?.Invoke(string.Create(CultureInfo.InvariantCulture, $"{simulator.Now:hh\\:mm\\:ss\\.ffffff} {who,-10} {what}"));

    /// <summary>A host that owns a saga knows where it is; one that does not has no business with it.</summary>
    private void Misfit(string what) => simulator.Violated(what);

    public ILogger<MonsterHost> Of(string node) => new Voice(this, node);

    private sealed class Voice(Story story, string node) : ILogger<MonsterHost>
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => story.IsTold || logLevel >= LogLevel.Error;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (story.IsTold)
            {
                story.Tell(node, formatter(state, exception));
            }

            if (exception is MisfitException)
            {
                story.Misfit($"{node}: {formatter(state, exception)}: {exception.Message}");
            }
        }
    }
}
