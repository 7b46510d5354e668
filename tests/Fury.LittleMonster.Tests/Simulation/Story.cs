using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Fury.LittleMonster.Tests.Simulation;

/// <summary>What the hosts of a run say, for the one who looks into a failure; nobody listens otherwise.</summary>
internal sealed class Story(Simulator simulator, Action<string>? listener)
{
    public bool IsTold => listener is not null;

    public void Tell(string who, string what) =>
        listener?.Invoke(string.Create(CultureInfo.InvariantCulture, $"{simulator.Now:hh\\:mm\\:ss\\.ffffff} {who,-10} {what}"));

    public ILogger<MonsterHost> Of(string node) => new Voice(this, node);

    private sealed class Voice(Story story, string node) : ILogger<MonsterHost>
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => story.IsTold;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (story.IsTold)
            {
                story.Tell(node, formatter(state, exception));
            }
        }
    }
}
