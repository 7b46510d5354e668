using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Xunit;

namespace Fury.Testing;

/// <summary>What calls that were made so far came to.</summary>
/// <param name="Answers">By the name of the backend that answered.</param>
/// <param name="Errors">The first few, in the client's words.</param>
public sealed record GrpcCalls(IReadOnlyDictionary<string, long> Answers, long Failed, IReadOnlyList<string> Errors)
{
    public static GrpcCalls None { get; } = new(new Dictionary<string, long>(), 0, []);

    public long Answered => Answers.Values.Sum();
}

/// <summary>
/// A program by others that has xDS within its gRPC, and makes one call after the other to <c>xds:///SERVICE</c> with a few callers: npm's
/// <c>@grpc/grpc-js-xds</c>, or gRPC's C++ core as Debian's <c>python3-grpcio</c> has it.
/// </summary>
public sealed class GrpcClient : IAsyncDisposable
{
    public const int Callers = 4;

    private const string DebiansPython = "/usr/bin/python3";

    private readonly string _folder;
    private readonly Process _process;
    private readonly StringBuilder _said = new();
    private readonly Task _reading;
    private GrpcCalls _calls = GrpcCalls.None;

    private GrpcClient(string name, string folder, Process process)
    {
        (Name, _folder, _process) = (name, folder, process);
        _process.ErrorDataReceived += (_, line) => Say(line.Data);
        _process.BeginErrorReadLine();
        _reading = Read();
    }

    /// <summary>The id of its node, and its name towards backends.</summary>
    public string Name { get; }

    /// <summary>At most 100 ms old.</summary>
    public GrpcCalls Calls => Volatile.Read(ref _calls);

    public static async Task<GrpcClient> StartNode(string name, Uri plane, string service)
    {
        var scripts = await NodeScripts.Prepare("tests/Fury.Testing/Node/official-protos", CancellationToken.None);
        return Start(name, plane, service, arguments => scripts.Start("client.js", arguments));
    }

    public static GrpcClient StartPython(string name, Uri plane, string service) => Start(name, plane, service, arguments =>
    {
        var script = Path.Combine(FuryProcess.Root, "tests", "Fury.Testing", "GrpcClients", "client.py");
        try
        {
            return Process.Start(new ProcessStartInfo(File.Exists(DebiansPython) ? DebiansPython : "python3", [script, .. arguments])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
        }
        catch (Win32Exception failure)
        {
            throw new InvalidOperationException("There is no Python here. Debian and Ubuntu: apt-get install python3-grpcio.", failure);
        }
    });

    /// <summary>Sets the metadata of calls that begin from about now on.</summary>
    public async Task Send(IReadOnlyDictionary<string, string> metadata)
    {
        await _process.StandardInput.WriteLineAsync(JsonSerializer.Serialize(metadata));
        await _process.StandardInput.FlushAsync();
    }

    /// <summary>Waits until it says that the condition holds; fails when it does not in time, or when the program has ended.</summary>
    public async Task Until(Func<GrpcCalls, bool> condition)
    {
        try
        {
            await Eventually.True(() => condition(Calls) || _reading.IsCompleted, TimeSpan.FromSeconds(60));
        }
        finally
        {
            Assert.True(condition(Calls), $"{this}");
        }
    }

    /// <summary>Waits until so many more calls were answered.</summary>
    public Task Answered(long more)
    {
        var before = Calls.Answered;
        return Until(calls => calls.Answered >= before + more);
    }

    /// <summary>Ends it in order, and tells the outcome of all its calls.</summary>
    public async Task<GrpcCalls> Stop()
    {
        _process.StandardInput.Close();
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(90));
        await _process.WaitForExitAsync(deadline.Token);
        await _reading;
        Assert.True(_process.ExitCode == 0, $"{Name} has ended with {_process.ExitCode}: {this}");
        return Calls;
    }

    public override string ToString()
    {
        var end = _reading.IsCompleted ? $" It has ended with {_process.ExitCode}." : "";
        return $"{Name} has {string.Join(", ", Calls.Answers)}, {Calls.Failed} failed: {string.Join(" | ", Calls.Errors)}{end}\n{Said}";
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await _process.WaitForExitAsync();
        await _reading;
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private string Said
    {
        get
        {
            lock (_said)
            {
                return _said.ToString();
            }
        }
    }

    private static GrpcClient Start(string name, Uri plane, string service, Func<string[], Process> start)
    {
        var folder = Directory.CreateTempSubdirectory("fury-test-").FullName;
        var bootstrap = Path.Combine(folder, "bootstrap.json");
        File.WriteAllText(bootstrap, JsonSerializer.Serialize(new
        {
            xds_servers = new[]
            {
                new { server_uri = plane.Authority, channel_creds = new[] { new { type = "insecure" } }, server_features = new[] { "xds_v3" } },
            },
            node = new { id = name, locality = new { } }, // gRPC on Node demands a locality, be it an empty one.
        }));
        return new GrpcClient(name, folder, start([bootstrap, $"xds:///{service}", name, $"{Callers}"]));
    }

    private async Task Read()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            Volatile.Write(ref _calls, JsonSerializer.Deserialize<GrpcCalls>(line, JsonSerializerOptions.Web)!);
        }
    }

    private void Say(string? line)
    {
        lock (_said)
        {
            _said.AppendLine(line);
        }
    }
}
