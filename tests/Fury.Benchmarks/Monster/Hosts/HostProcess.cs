using System.Text.Json;

namespace Fury.Benchmarks.Monster;

/// <summary>A <see cref="HostPart"/> seen from here.</summary>
internal sealed class HostProcess : IAsyncDisposable
{
    private readonly Child _child;
    private readonly string _folder;

    private HostProcess(Child child, string folder) => (_child, _folder) = (child, folder);

    public int Pid => _child.Pid;

    /// <summary>Returns when the host is a member. Its data folder is new.</summary>
    public static async Task<HostProcess> Start(Database database, CancellationToken cancellation)
    {
        var folder = Directory.CreateTempSubdirectory("fury-bench-host-").FullName;
        var (child, _) = await Child.Part([HostPart.Name, folder, database.ConnectionString], cancellation, asHost: true);
        return new HostProcess(child, folder);
    }

    public Task<Finished> Run(string name, int inFlight, TimeSpan duration, CancellationToken cancellation) =>
        Ask<Finished>(new Order.Run(name, inFlight, duration.TotalSeconds), cancellation);

    public async Task<TAnswer> Ask<TAnswer>(Order order, CancellationToken cancellation) =>
        JsonSerializer.Deserialize<TAnswer>(await _child.Ask(order.ToLine(), cancellation))!;

    /// <summary>As <c>kill -9</c>, and returns when it is gone.</summary>
    public Task Kill() => _child.Kill();

    /// <summary>The graceful end, as SIGTERM would make it.</summary>
    public Task Stop() => _child.Stop();

    public async ValueTask DisposeAsync()
    {
        await _child.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
