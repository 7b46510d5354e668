using System.Collections.Concurrent;
using Fury.Agent.Wire;
using Fury.Processes;
using Fury.Testing;

namespace Fury.Agent.Tests.Processes;

public sealed class AppProcessTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fury-agent-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task That_it_runs_is_told_before_its_end_however_soon_that_comes()
    {
        var config = new AgentConfig(
            new("http://127.0.0.1:1"), "lot-1", "secret", new(AgentCloud.None, "i-1"), new("none", "none", "none", []), new Dictionary<string, string>(), 1,
            null, TimeSpan.FromSeconds(1), _folder, new("http://127.0.0.1:1"));
        var process = new AppProcess(config, new OutOfMemory(), TimeProvider.System);
        process.Sweep();
        var told = new ConcurrentQueue<LifeEvent>();

        process.Start(1, new Startable(["/bin/sh", "-c", "exit 3"], _folder, new Dictionary<string, string>()), null, Tell);

        await Eventually.True(() => told.Count == 2);
        Assert.Equal(new LifeEvent.Started(1), told.First());
        Assert.Equal("Its process has ended with exit code 3.", Assert.IsType<LifeEvent.Exited>(told.Last()).Reason);

        // Whoever hears that it runs is slow to note it: by then it has ended.
        void Tell(LifeEvent happened)
        {
            if (happened is LifeEvent.Started)
            {
                Assert.True(SpinWait.SpinUntil(() => ProcFs.Stat(process.Session!.Value) is not { Alive: true }, Eventually.Deadline));
            }

            told.Enqueue(happened);
        }
    }
}
